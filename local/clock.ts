import type { Clock } from "@wrist-agent/cloudwatch/clock";

/**
 * The system's clock. A task still running when it falls due again is left to finish; that turn is skipped.
 */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    every(periodMs, task) {
      let running = false;
      let timer: NodeJS.Timeout;
      const schedule = (): void => {
        timer = setTimeout(() => void turn(), periodMs - (Date.now() % periodMs));
      };
      const turn = async (): Promise<void> => {
        schedule();
        if (running) return;
        running = true;
        await Promise.resolve(task(Date.now())).finally(() => (running = false));
      };
      schedule();
      return () => clearTimeout(timer);
    },
  };
}
