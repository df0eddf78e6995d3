import { Failure, messageOf } from "../failure.ts";
import { awsFailure, type Target } from "./target.ts";

/** One question to AWS. */
export interface Asking {
  readonly target: Target;
  /** IAM action that it needs: `lambda:UpdateAlias`. */
  readonly action: string;
  /** What the refusals mean that are answers here, by the error's name. */
  readonly meaning?: Readonly<Record<string, string>>;
}

/** Waits for an answer of AWS; a refusal becomes a Failure that says what is missing. */
export async function asked<T>({ target, action, meaning = {} }: Asking, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const name = errorName(error);
    if (name === "AbortError") throw new Failure("interrupted: nothing was changed", { cause: error });
    const words = Object.hasOwn(meaning, name) ? meaning[name] : undefined;
    if (words !== undefined) throw new Failure(`${target.where} ${words}`, { cause: error });
    if (isDenied(error))
      throw new Failure(`${target.where}: these credentials lack ${action} (${messageOf(error)})`, {
        cause: error,
      });
    throw awsFailure(error, target);
  }
}

/** Whether the credentials may not do it. */
export function isDenied(error: unknown): boolean {
  return errorName(error).startsWith("AccessDenied");
}

/** The name that AWS gave an error. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
