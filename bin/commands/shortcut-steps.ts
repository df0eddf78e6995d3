import { MODES, type Reply, REQUEST_LIMITS, TOKEN_HEADER } from "../../lambda/contract/request.ts";

/** One action or setting of the Shortcuts app, with what is put into it. */
export interface ShortcutStep {
  /** As the Shortcuts app spells it. */
  readonly action: string;
  /** Name of a field and its value, in the order in which they are on the screen. */
  readonly fields: readonly (readonly [field: string, value: string])[];
  /** Why it is there, where that is not plain. */
  readonly why?: string;
  /** How deep it stands within If; 0 when missing. */
  readonly depth?: 1 | 2;
}

/** A part of the work, on one device. */
export interface ShortcutPart {
  readonly title: string;
  readonly steps: readonly ShortcutStep[];
}

/** Stands for the Function URL and the token until both are known. */
export const ADDRESS_PLACE = "the address";
/** See {@link ADDRESS_PLACE}. */
export const TOKEN_PLACE = "the token";

const ANSWER = "Contents of URL";
const DICTATED = "Dictated Text";

/** Reads one key of the answer under its own name. */
function value(key: keyof Reply | "error"): ShortcutStep {
  return {
    action: "Get Dictionary Value",
    fields: [
      ["Get", "Value"],
      ["Key", key],
      ["Dictionary", ANSWER],
      ["Rename the result to", key],
    ],
  };
}

function condition(input: string, what: string, why?: string): ShortcutStep {
  return {
    action: "If",
    fields: [
      ["Input", input],
      ["Condition", what],
    ],
    ...(why !== undefined && { why }),
  };
}

const END_IF: ShortcutStep = { action: "End If", fields: [] };
const STOP: ShortcutStep = { action: "Stop This Shortcut", fields: [] };
const OTHERWISE: ShortcutStep = { action: "Otherwise", fields: [] };

function within(depth: 1 | 2, steps: readonly ShortcutStep[]): readonly ShortcutStep[] {
  return steps.map((step) => ({ ...step, depth }));
}

function reminder(title: string, alert: string, why?: string): ShortcutStep {
  return {
    action: "Add New Reminder",
    fields: [
      ["Reminder", title],
      ["List", "Reminders"],
      ["Alert", alert],
    ],
    ...(why !== undefined && { why }),
  };
}

function alert(title: string, message: string): ShortcutStep {
  return {
    action: "Show Alert",
    fields: [
      ["Title", title],
      ["Message", message],
      ["Show Cancel Button", "off"],
    ],
  };
}

/** What is done with an answer that cannot be used: the text is kept, the reason is shown. */
function refused(message: string): readonly ShortcutStep[] {
  return within(1, [
    reminder(DICTATED, "none", "nothing that was dictated is lost"),
    alert("Wrist Agent", message),
    STOP,
  ]);
}

const ASKING: readonly ShortcutStep[] = [
  {
    action: "Dictate Text",
    fields: [
      ["Language", "the one that you speak"],
      ["Stop Listening", "After Pause"],
    ],
  },
  { action: "List", fields: MODES.map((mode, at) => [`Item ${at + 1}`, mode]) },
  {
    action: "Choose from List",
    fields: [
      ["List", "List"],
      ["Prompt", "What should it become?"],
    ],
    why: `one tap less without this and the list: then the field mode below is the word itself, ${MODES[0]} for example`,
  },
  {
    action: "Format Date",
    fields: [
      ["Date", "Current Date"],
      ["Date Format", "ISO 8601"],
      ["Include ISO 8601 Time", "on"],
    ],
    why: "tomorrow is counted from the watch's own time, wherever you are",
  },
  {
    action: "Get Contents of URL",
    fields: [
      ["URL", ADDRESS_PLACE],
      ["Show More: Method", "POST"],
      [`Headers: ${TOKEN_HEADER}`, TOKEN_PLACE],
      ["Request Body", "JSON"],
      ["Add new field, Text: text", DICTATED],
      ["Add new field, Text: mode", "Chosen Item"],
      ["Add new field, Text: now", "Formatted Date"],
      ["Add new field, Number: maxTokens", String(REQUEST_LIMITS.maxTokensDefault)],
    ],
    why: `Shortcuts sends Content-Type: application/json by itself; maxTokens may be up to ${REQUEST_LIMITS.maxTokensLimit}`,
  },
];

const REFUSALS: readonly ShortcutStep[] = [
  value("error"),
  condition("error", "has any value", "every refusal of the agent has this key, with a sentence to show"),
  ...refused("error"),
  END_IF,
  value("action"),
  condition("action", "does not have any value", "then Lambda answered and not the agent"),
  ...refused(ANSWER),
  END_IF,
  value("title"),
  value("markdown"),
];

const REMINDER: readonly ShortcutStep[] = [
  condition("action", "is reminder"),
  ...within(1, [value("dueISO"), condition("dueISO", "has any value")]),
  ...within(2, [reminder("title", "At Time: dueISO")]),
  ...within(1, [OTHERWISE]),
  ...within(2, [reminder("title", "none")]),
  ...within(1, [END_IF]),
  END_IF,
];

const EVENT: readonly ShortcutStep[] = [
  condition("action", "is event"),
  ...within(1, [
    value("startISO"),
    value("endISO"),
    value("location"),
    value("notes"),
    condition("startISO", "does not have any value", "no event begins at no time: it becomes a reminder"),
  ]),
  ...within(2, [reminder("title", "none"), alert("title", "markdown"), STOP]),
  ...within(1, [
    END_IF,
    condition("endISO", "does not have any value", "an hour, where nobody said how long"),
  ]),
  ...within(2, [
    {
      action: "Adjust Date",
      fields: [
        ["Operation", "Add"],
        ["Amount", "1 hr"],
        ["Date", "startISO"],
        ["Rename the result to", "hour"],
      ],
    },
    event("hour"),
  ]),
  ...within(1, [OTHERWISE]),
  ...within(2, [event("endISO")]),
  ...within(1, [END_IF]),
  END_IF,
];

function event(end: string): ShortcutStep {
  return {
    action: "Add New Event",
    fields: [
      ["Title", "title"],
      ["Start Date", "startISO"],
      ["End Date", end],
      ["Show More: Location", "location"],
      ["Show More: Notes", "notes"],
    ],
  };
}

const NOTE: readonly ShortcutStep[] = [
  condition("action", "is note"),
  ...within(1, [
    {
      action: "Create Note",
      fields: [
        ["Body", "title, a new line, markdown"],
        ["Folder", "Notes"],
        ["Open When Run", "off"],
      ],
      why: "research and deepthink answer with a note too",
    },
  ]),
  END_IF,
];

/** The Shortcut's actions, in their order. */
export const SHORTCUT_ACTIONS: ShortcutPart = {
  title: "The actions, in the Shortcuts app of the iPhone",
  steps: [...ASKING, ...REFUSALS, ...REMINDER, ...EVENT, ...NOTE, alert("title", "markdown")],
};

/** What is done before and after the actions. */
export const SHORTCUT_SETUP: readonly ShortcutPart[] = [
  {
    title: "Begin, on the iPhone",
    steps: [
      {
        action: "Shortcuts, All Shortcuts, +",
        fields: [["Rename", "Wrist Agent"]],
        why: "Siri runs it by this name",
      },
      {
        action: "Camera, pointed at the codes",
        fields: [["Copy", "the address, then the token"]],
        why: "so that nothing is typed; the token is a password, keep it out of photos and chats",
      },
    ],
  },
  SHORTCUT_ACTIONS,
  {
    title: "Try it once on the iPhone",
    steps: [
      {
        action: "Run",
        fields: [["Allow to connect to the address", "Always Allow"]],
        why: "a watch cannot be asked this well: every permission (dictation, reminders, calendar, notes) is given here",
      },
    ],
  },
  {
    title: "On the watch",
    steps: [
      {
        action: "Shortcut, i, Details",
        fields: [["Show on Apple Watch", "on"]],
      },
      {
        action: "Watch face, Edit, Complications",
        fields: [["Shortcuts", "Wrist Agent"]],
        why: "one tap from the face; an Apple Watch Ultra has the Action button too",
      },
      {
        action: "Siri",
        fields: [["Say", "Wrist Agent"]],
        why: "works as soon as the Shortcut has come over, which may take a minute",
      },
    ],
  },
];

/** The parts with what is known now put in their place. */
export function filledSteps(known: {
  readonly address: string;
  readonly token?: string;
}): readonly ShortcutPart[] {
  const put = (text: string): string => {
    if (text === ADDRESS_PLACE) return known.address;
    return text === TOKEN_PLACE ? (known.token ?? text) : text;
  };
  return SHORTCUT_SETUP.map(({ title, steps }) => ({
    title,
    steps: steps.map((step) => ({
      ...step,
      fields: step.fields.map(([field, text]) => [field, put(text)] as const),
    })),
  }));
}
