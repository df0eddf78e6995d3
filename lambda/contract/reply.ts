/** What the Shortcut does with a reply. */
export const ACTIONS = ["note", "reminder", "event", "none"] as const;

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

/** The body of a 200 answer: all ten keys are always present. */
export interface Reply {
  readonly markdown: string;
  readonly action: Action;
  readonly title: string;
  readonly dueISO: string | null;
  readonly startISO: string | null;
  readonly endISO: string | null;
  readonly location: string | null;
  readonly url: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isTextOrNull: Check = (value) => value === null || isText(value);

/** What each of the ten fields must hold. */
export const REPLY_SHAPE: Readonly<Record<keyof Reply, Check>> = {
  markdown: isText,
  action: (value) => ACTIONS.some((action) => action === value),
  title: isText,
  dueISO: isTextOrNull,
  startISO: isTextOrNull,
  endISO: isTextOrNull,
  location: isTextOrNull,
  url: isTextOrNull,
  notes: isTextOrNull,
  tags: (value) => Array.isArray(value) && value.every(isText),
};

/** The body of every answer that is not a 200 and was made by the handler. */
export interface ErrorReply {
  readonly error: string;
}
