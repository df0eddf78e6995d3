const SystemDate = Date;
const systemNow = Date.now.bind(Date);
let offsetMs = 0;
let installed = false;

/** Makes `Date` run `ms` ahead of the system's time; with 0 from the start, `Date` is never touched. */
export function shiftDate(ms: number): void {
  offsetMs = ms;
  if (ms !== 0 && !installed) install();
}

function now(): number {
  return systemNow() + offsetMs;
}

function install(): void {
  installed = true;
  SystemDate.now = now;
  const shifted = new Proxy(SystemDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    apply: () => new SystemDate(now()).toString(),
  });
  SystemDate.prototype.constructor = shifted;
  globalThis.Date = shifted;
}
