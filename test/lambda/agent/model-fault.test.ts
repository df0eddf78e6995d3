import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MODEL_FAULTS, modelFaultOf } from "../../../lambda/agent/model-fault.ts";

/** An error of AWS as the SDK throws it. */
function awsError(name: string, message = "", httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

describe("what the model refuses is the deployment's fault unless its words speak of the text", () => {
  test.each([
    "output_config.format: Extra inputs are not permitted",
    "This model doesn't support the outputConfig field. Remove outputConfig and try again.",
    "The model does not support structured output",
    "`temperature` is deprecated for this model.",
    "`temperature` and `top_p` cannot both be specified",
    "data retention mode 'default' is not available for this model",
    "Access to this model is not available for channel program accounts.",
    "max_tokens: 70000 > 64000, which is the maximum allowed number of output tokens for the model",
    "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value lower than 4096.",
    "Invocation of model ID x with on-demand throughput isn\u2019t supported.",
    "The provided model identifier is invalid.",
    "Operation not allowed",
    "Malformed input request: #: extraneous key [foo] is not permitted, please reformat your input and try again.",
    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
    "1 validation error detected: Value at 'modelId' failed to satisfy constraint",
    "",
  ])("config: %s", (message) => {
    expect(modelFaultOf(awsError("ValidationException", message))).toEqual({
      outcome: "config",
      reason: "ValidationException",
      status: 500,
      error: "Failed to process request",
      isRetryable: false,
    });
  });

  test.each([
    "Input is too long for requested model.",
    "The model returned the following errors: prompt is too long: 210000 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    "Output blocked by content filtering policy",
  ])("the caller's: %s", (message) => {
    expect(modelFaultOf(awsError("ValidationException", message))).toMatchObject({
      outcome: "invalid",
      status: 400,
      isRetryable: false,
    });
  });

  test.each([
    ["ValidationException", "Overloaded"],
    ["ValidationException", "Grammar compilation timed out"],
    ["ModelErrorException", "Overloaded"],
    ["ModelStreamErrorException", "overloaded_error: Overloaded"],
    [
      "ValidationException",
      "The system encountered an unexpected error during processing. Try your request again.",
    ],
    ["ValidationException", "The model is temporarily unavailable"],
  ])("for a moment: %s, %s", (name, message) => {
    expect(modelFaultOf(awsError(name, message))).toMatchObject({
      outcome: "upstream",
      status: 503,
      retryAfter: 10,
      isRetryable: true,
    });
  });

  test.each([
    ["ThrottlingException", 429],
    ["ServiceQuotaExceededException", 400],
    ["ValidationException", 400],
  ])("%s of a day's tokens is a quota until midnight", (name, status) => {
    const message = "Too many tokens per day, please wait before trying again.";
    expect(modelFaultOf(awsError(name, message, status))).toMatchObject({
      outcome: "quota",
      status: 429,
      retryAfter: "midnight UTC",
      isRetryable: false,
    });
  });

  test("an unknown sentence is never the caller's fault, whatever the error's name", () => {
    const words = fc
      .array(fc.stringMatching(/^[a-z_]{1,10}$/), { maxLength: 12 })
      .map((all) => all.join(" "));
    const names = fc.oneof(
      fc.constantFrom(...Object.keys(MODEL_FAULTS)),
      fc.stringMatching(/^[A-Z][A-Za-z]{0,20}$/),
    );
    fc.assert(
      fc.property(names, words, fc.constantFrom(400, 403, 404, 413, 418, 500), (name, message, status) => {
        expect(modelFaultOf(awsError(name, message, status)).outcome).not.toBe("invalid");
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("errors that any AWS service may answer", () => {
  test.each([
    ["IncompleteSignature", 400],
    ["IncompleteSignatureException", 400],
    ["InvalidClientTokenId", 403],
    ["NotAuthorized", 400],
    ["OptInRequired", 403],
    ["RequestExpired", 400],
    ["MissingAuthenticationToken", 403],
    ["MissingAuthenticationTokenException", 403],
    ["InvalidSignatureException", 403],
    ["SomethingNewException", 400],
    ["AccountSuspended", 403],
  ])("%s is the deployment's and is not tried again", (name, status) => {
    expect(modelFaultOf(awsError(name, "no", status))).toMatchObject({
      outcome: "config",
      status: 500,
      isRetryable: false,
    });
  });

  test.each([
    ["InternalFailure", 500, "upstream"],
    ["SomethingNewException", 500, "upstream"],
    ["SomethingNewException", 499, "config"],
    ["SomethingNewException", 400, "config"],
    ["SomethingNewException", 399, "upstream"],
    ["SomethingNewException", 429, "throttled"],
    ["SomethingNewException", 408, "upstream"],
    ["RequestTimeoutException", 408, "timeout"],
  ])("%s with %i is %s", (name, status, outcome) => {
    expect(modelFaultOf(awsError(name, "no", status))).toMatchObject({ outcome });
  });

  test.each([
    [
      "ServiceUnavailableException",
      { error: "The model is not available, try again shortly", retryAfter: 10 },
    ],
    ["ThrottlingException", { error: "The model is busy, try again in a few seconds", retryAfter: 5 }],
    [
      "ServiceQuotaExceededException",
      { error: "The model's quota is used up, try again later", retryAfter: 60 },
    ],
    ["ModelTimeoutException", { error: "The model took too long, try a shorter request" }],
  ])("%s is answered with a sentence for the watch, and when to ask again", (name, expected) => {
    const { error, retryAfter } = modelFaultOf(awsError(name, "no"));
    expect({ error, ...(retryAfter === undefined ? {} : { retryAfter }) }).toEqual(expected);
  });

  test.each([new Error("socket hang up"), "a string", undefined])(
    "%s of the network is the upstream's",
    (error) => {
      expect(modelFaultOf(error)).toMatchObject({
        outcome: "upstream",
        reason: "connection",
        isRetryable: true,
      });
    },
  );
});
