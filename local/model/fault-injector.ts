import type { Fault } from "../server/wire.ts";
import type { Random } from "./random.ts";

/** A kind of fault that is on. */
export type ActiveFault = Exclude<Fault["kind"], "off">;

const OFF: Fault = { kind: "off", rate: 0 };

/** Holds the fault that the stand-in is to show, and draws which requests it hits. */
export class FaultInjector {
  readonly #random: Random;
  #fault = OFF;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Changes the fault from the next request on. */
  set(fault: Fault): void {
    if (!(fault.rate >= 0 && fault.rate <= 1))
      throw new RangeError(`a fault's rate is a share from 0 to 1, not ${fault.rate}`);
    this.#fault = fault.kind === "off" ? OFF : fault;
  }

  current(): Fault {
    return this.#fault;
  }

  /** The fault of this request; undefined for one that it spares. */
  draw(): ActiveFault | undefined {
    const { kind, rate } = this.#fault;
    return kind !== "off" && this.#random() < rate ? kind : undefined;
  }
}
