/** A test file that cannot be run as written; the message names file, line and what to write instead. */
export class AlarmTestError extends Error {
  override readonly name = "AlarmTestError";

  constructor(place: { readonly file: string; readonly line: number }, message: string) {
    super(`${place.file}:${place.line}: ${message}`);
  }
}
