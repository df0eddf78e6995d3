/** An address of the templates, and where it is answered here. */
export interface LocalAddress {
  /** `https://….lambda-url.eu-west-1.on.aws/`: made up, as nobody deployed it. */
  readonly template: string;
  /** `http://127.0.0.1:7701/`. */
  readonly local: string;
}

/** A text of the templates, such as a variable or an event, with the addresses that are answered here. */
export function withLocalAddress(text: string, { template, local }: LocalAddress): string {
  return text.replaceAll(new URL(template).origin, new URL(local).origin);
}
