/** Where a stand-in value is needed: what only AWS knows once the stack exists. */
export interface StandInPlace {
  readonly type: string;
  /** The logical id, as a reader tells resources apart. */
  readonly label: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
}

const STAND_IN = /<[A-Za-z][^<>]*>/;

/** Whether a text holds a stand-in such as `<Cluster>`, in place of what only AWS knows. */
export function isStandIn(text: string): boolean {
  return STAND_IN.test(text);
}

/** A readable value for a Ref that is not known. */
export function standInRef({ label }: StandInPlace): string {
  return `<${label}>`;
}

/** A readable value for an attribute that is not known: an ARN where the attribute's name ends in Arn. */
export function standInAttribute(place: StandInPlace, attribute: string): string {
  if (!/arn$/i.test(attribute)) return `<${place.label}.${attribute}>`;
  const [, service = "custom", resource = "resource"] = place.type.split("::");
  const owner = `${place.region}:${place.accountId}`;
  return `arn:${place.partition}:${service.toLowerCase()}:${owner}:${resource.toLowerCase()}/<${place.label}>`;
}

/** The part of a text that only AWS can split: `<LoadBalancer[1]>`; `undefined` for a text without stand-in. */
export function standInPart(text: string, index: number): string | undefined {
  const [found] = STAND_IN.exec(text) ?? [];
  return found === undefined ? undefined : `<${found.slice(1, -1)}[${index}]>`;
}

/** A text that an error can print: no message holds ten kilobytes. */
export function shortened(text: string | undefined): string {
  if (text === undefined) return "nothing";
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}
