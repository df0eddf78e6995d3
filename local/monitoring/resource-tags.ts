/** Tags of one resource, in the order in which they were put. */
export type Tags = Readonly<Record<string, string>>;

/** The tags of alarms and dashboards, by ARN: what the templates say, until the API changes it. */
export class ResourceTags {
  readonly #tags: Map<string, Tags>;

  constructor(templates: ReadonlyMap<string, Tags>) {
    this.#tags = new Map(templates);
  }

  /** Takes tags that are written down: they replace all that the resource has. */
  apply(resourceArn: string, tags: Tags): void {
    this.#tags.set(resourceArn, tags);
  }

  /** Empty for a resource that has none, and for one that is not there. */
  of(resourceArn: string): Tags {
    return this.#tags.get(resourceArn) ?? {};
  }
}
