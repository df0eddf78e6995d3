import { AwsError } from "../server/aws/service.ts";

/** What a client is told whose request could not be written down, on a full disk for instance. */
export class NotKeptError extends AwsError {
  constructor() {
    super("InternalFailure", "the local runtime could not write this down: its terminal says why", 500);
  }
}
