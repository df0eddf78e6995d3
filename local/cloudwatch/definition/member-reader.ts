/**
 * Reads typed members of an object in CloudWatch's spelling, whichever door it came in by: a template or an API call. Each door
 * refuses what is missing or wrong in its own words.
 */
export interface MemberReader {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  texts(name: string): readonly string[] | undefined;
  /** One of the choices. */
  word<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined;
  object(name: string): MemberReader | undefined;
  objects(name: string): readonly MemberReader[] | undefined;
  /** The value, which must be there. */
  required<Value>(name: string, value: Value | undefined): Value;
}
