/**
 * What a measurement leaves on the function while it lasts, so that a later run can put everything back, whenever the process ended.
 *
 * `$LATEST` says what it was, and each version that it is not meant to stay.
 */
export interface Before {
  readonly memoryMb: number;
  readonly description: string;
}

const MARK = /^(?<description>.*) \[tune-memory: was (?<memory>\d+) MB\]$/s;
const VERSION = "made by tune-memory";

/** Longest description that Lambda keeps. */
const DESCRIPTION_MOST = 256;

/** The description of `$LATEST` while its memory is changed; `undefined` where there is no room for it. */
export function markedDescription({ description, memoryMb }: Before): string | undefined {
  const marked = `${description} [tune-memory: was ${memoryMb} MB]`;
  return marked.length > DESCRIPTION_MOST ? undefined : marked;
}

/** What `$LATEST` was before a measurement that did not end; `undefined` when none is under way. */
export function beforeMeasurement(description: string): Before | undefined {
  const { description: was = "", memory } = MARK.exec(description)?.groups ?? {};
  return memory === undefined ? undefined : { description: was, memoryMb: Number(memory) };
}

/** The description of a version that is removed after its measurement. */
export function versionDescription(memoryMb: number): string {
  return `${VERSION} to measure ${memoryMb} MB; may be deleted`;
}

/** Whether a version was made for a measurement. */
export function isMeasurementVersion({ description }: { readonly description: string }): boolean {
  return description.startsWith(VERSION);
}
