import type { Random } from "../random.ts";
import { type Fault, faultKindOf, PARAMETER_FAULTS, type ParameterFault } from "../server/wire.ts";

/** A fault of the model. */
export type ActiveFault = Exclude<Fault["kind"], "off" | ParameterFault>;

const OFF: Fault = { kind: "off", rate: 0 };

function isParameterFault(kind: Fault["kind"]): kind is ParameterFault {
  return PARAMETER_FAULTS.some((known) => known === kind);
}

/** Holds the fault that a stand-in is to show, and draws which requests it hits. */
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
    const kind = faultKindOf(fault.kind) ?? "off";
    this.#fault = kind === "off" ? OFF : { ...fault, kind };
  }

  current(): Fault {
    return this.#fault;
  }

  /**
   * The fault of this question to the model; undefined for one that it spares. A question without rules has
   * no mode.
   */
  draw(mode?: string): ActiveFault | undefined {
    const { kind, mode: ofMode = mode } = this.#fault;
    const isOfModel = kind !== "off" && !isParameterFault(kind) && mode === ofMode;
    return isOfModel && this.#isHit() ? kind : undefined;
  }

  /** The fault of this reading of parameters; undefined for one that it spares. */
  drawForParameters(): ParameterFault | undefined {
    const { kind } = this.#fault;
    return isParameterFault(kind) && this.#isHit() ? kind : undefined;
  }

  #isHit(): boolean {
    return this.#random() < this.#fault.rate;
  }
}
