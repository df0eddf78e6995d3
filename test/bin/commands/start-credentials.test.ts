import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { requireAwsCredentials } from "../../../bin/commands/start.ts";

/** Every place where the SDK could find credentials of whoever runs the tests, closed. */
const NO_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials",
  AWS_CONFIG_FILE: "/nowhere/config",
  AWS_EC2_METADATA_DISABLED: "true",
};

beforeEach(() => {
  for (const [name, value] of Object.entries(NO_CREDENTIALS)) vi.stubEnv(name, value);
});

afterEach(() => void vi.unstubAllEnvs());

describe("the credentials for --model bedrock", () => {
  test("their absence is told before anything is built, with what to do", async () => {
    await expect(requireAwsCredentials()).rejects.toThrow(
      /--model bedrock needs AWS credentials .*AWS_PROFILE/,
    );
  });

  test("credentials in the environment are enough", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example");
    await expect(requireAwsCredentials()).resolves.toBeUndefined();
  });
});
