import { readFile } from "node:fs/promises";
import type { StackFile } from "../../../local/assembly/load-assembly.ts";
import { Failure } from "../failure.ts";

/** The note that the app leaves on a stack when the shell's profile is not the stage's. */
const NOTE = /"data":\s*"([^"\\]*(?:\\.[^"\\]*)*\[ack: wrist-agent:other-profile\])"/;

/** What the person said about profiles. */
export interface ProfileChoice {
  readonly stage: string;
  /** The profile given with `--profile`: who names one means it. */
  readonly insisted: string | undefined;
}

/** The synthesis only warns of another profile than the stage names; a deployment to the wrong account is worse. */
export async function refuseOtherProfile(
  stacks: readonly StackFile[],
  { stage, insisted }: ProfileChoice,
): Promise<void> {
  const [first] = stacks;
  if (first?.metadataFile === undefined || insisted !== undefined) return;
  const [, data] = NOTE.exec(await readFile(first.metadataFile, "utf8")) ?? [];
  if (data === undefined) return;
  const note = (JSON.parse(`"${data}"`) as string).replace(/: check before you deploy.*$/, "");
  throw new Failure(
    `${note}: set AWS_PROFILE to the one of .env.${stage}, or pass --profile to say which you mean`,
  );
}
