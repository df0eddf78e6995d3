const ATTEMPTS_MOST = 5;
const PAUSE_MS = 3_000;

/** Tries again, a few seconds apart, while the failure is one that passes. */
export async function patiently<T>(
  act: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
  wait: (milliseconds: number) => Promise<void>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt === ATTEMPTS_MOST || !mayPass(error)) throw error;
      await wait(PAUSE_MS);
    }
  }
}
