/** What an alarm call refuses with: AWS's error code, its HTTP status, and CloudWatch's own message. */
export class AlarmError extends Error {
  readonly code: AlarmErrorCode;
  readonly httpStatus: number;

  constructor(code: AlarmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AlarmError";
    this.code = code;
    this.httpStatus = HTTP_STATUS[code];
  }
}

/** Error codes as they stand on the wire. */
export type AlarmErrorCode =
  | "ValidationError"
  | "InvalidParameterValue"
  | "MissingParameter"
  | "InvalidParameterCombination"
  | "LimitExceeded"
  | "ResourceNotFound";

const HTTP_STATUS: Readonly<Record<AlarmErrorCode, number>> = {
  ValidationError: 400,
  InvalidParameterValue: 400,
  MissingParameter: 400,
  InvalidParameterCombination: 400,
  LimitExceeded: 400,
  ResourceNotFound: 404,
};
