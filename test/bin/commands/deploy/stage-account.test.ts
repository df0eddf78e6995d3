import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { awsAccount } from "../../../../bin/commands/deploy/stage-account.ts";
import { type FakeAnswer, httpFake, type HttpFake } from "../../../support/http-fake.ts";

let folder: string;
let aws: HttpFake;
let answer: FakeAnswer;

const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>arn:aws:iam::111122223333:user/ann</Arn><UserId>AIDA</UserId><Account>111122223333</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

function refusal(code: string): FakeAnswer {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>refused</Message></Error></ErrorResponse>`;
  return { status: 403, headers: { "content-type": "text/xml" }, body };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aws-account-"));
  answer = { headers: { "content-type": "text/xml" }, body: CALLER };
  aws = await httpFake(() => answer);
  await writeFile(
    join(folder, "credentials"),
    "[known]\naws_access_key_id = testing\naws_secret_access_key = testing\n",
  );
  await writeFile(join(folder, "config"), "");
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  vi.stubEnv("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  for (const name of ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
    vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
  await rm(folder, { recursive: true });
});

test("a profile that is not on this machine is named, with what to do", async () => {
  vi.stubEnv("AWS_PROFILE", "production");
  // The SDK looks nowhere else once a profile is named.
  vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
  await expect(awsAccount().caller()).rejects.toThrow(
    /^there is no profile "production" with credentials on this machine: aws configure list-profiles shows those that there are; set AWS_PROFILE or pass --profile, or unset it/,
  );
  expect(aws.received).toEqual([]);
});

test("a profile that is there is used, and without one the environment's credentials", async () => {
  vi.stubEnv("AWS_PROFILE", "known");
  const ann = { accountId: "111122223333", arn: "arn:aws:iam::111122223333:user/ann" };
  await expect(awsAccount().caller()).resolves.toEqual(ann);
  vi.stubEnv("AWS_PROFILE", undefined);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
  await expect(awsAccount().caller()).resolves.toEqual(ann);
});

test("no credentials at all, and those that AWS does not take, say what to do", async () => {
  await expect(awsAccount().caller()).rejects.toThrow(/^there are no AWS credentials: set AWS_PROFILE/);
  vi.stubEnv("AWS_PROFILE", "known");
  for (const [code, words] of [
    ["ExpiredToken", /^the AWS credentials have expired: sign in again with aws sso login/],
    ["InvalidClientTokenId", /^AWS does not know these credentials: set AWS_PROFILE/],
    ["SignatureDoesNotMatch", /^the secret does not belong to the access key/],
    ["ServiceUnavailable", /^AWS cannot be asked who you are: check the network and AWS_ENDPOINT_URL/],
  ] as const) {
    answer = refusal(code);
    await expect(awsAccount().caller()).rejects.toThrow(words);
  }
});

test.each([
  ["there", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"],
  ["missing", "arn:aws:iam::111122223333:oidc-provider/accounts.google.com"],
])("GitHub's provider is %s where IAM lists %s", async (expected, arn) => {
  vi.stubEnv("AWS_PROFILE", "known");
  answer = {
    headers: { "content-type": "text/xml" },
    body: `<ListOpenIDConnectProvidersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListOpenIDConnectProvidersResult>
      <OpenIDConnectProviderList><member><Arn>${arn}</Arn></member></OpenIDConnectProviderList>
    </ListOpenIDConnectProvidersResult></ListOpenIDConnectProvidersResponse>`,
  };
  await expect(awsAccount().githubProvider("us-west-2")).resolves.toBe(expected);
});

test("credentials that may not list providers say which action they lack", async () => {
  vi.stubEnv("AWS_PROFILE", "known");
  answer = refusal("AccessDenied");
  await expect(awsAccount().githubProvider("us-west-2")).resolves.toEqual({
    unreadable:
      "OIDC providers of the account could not be read: these credentials lack iam:ListOpenIDConnectProviders",
  });
});
