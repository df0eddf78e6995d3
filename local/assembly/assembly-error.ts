/** A template or assembly that cannot be read as asked; the message names the place and what to do instead. */
export class AssemblyError extends Error {
  override readonly name = "AssemblyError";
}
