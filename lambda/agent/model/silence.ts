import type { AttemptLimits } from "./model.ts";

/** The model kept a connection open and sent nothing on it. */
class SilenceError extends Error {
  override readonly name = "SilenceError";
}

/** The request's own time is used up. */
class AbortError extends Error {
  override readonly name = "AbortError";
}

/**
 * The promise, or a rejection once it was silent for too long or the request's time is up.
 *
 * An aborted SDK call is not waited for: what it does with the abort is no reason to answer late.
 */
export async function firstOfBoth<T>(promise: Promise<T>, limits: AttemptLimits): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new AbortError("the request's time is used up"));
    if (limits.signal.aborted) onAbort();
    limits.signal.addEventListener("abort", onAbort, { once: true });
    timer = setTimeout(
      () => reject(new SilenceError(`nothing came for ${limits.silenceMs} ms`)),
      limits.silenceMs,
    );
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) limits.signal.removeEventListener("abort", onAbort);
  }
}

/** The stream's events, each of them waited for no longer than the limits allow. */
export async function* withoutSilence<T>(stream: AsyncIterable<T>, limits: AttemptLimits): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const step = await firstOfBoth(iterator.next(), limits);
    if (step.done === true) return;
    yield step.value;
  }
}
