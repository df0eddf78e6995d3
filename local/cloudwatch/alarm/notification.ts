import type { Transition } from "../alarm-definition.ts";
import type { AlarmHome } from "./alarm-status.ts";
import { emailText } from "../message/email-text.ts";
import { regionName } from "../message/region-names.ts";
import { snsMessage } from "../message/sns-message.ts";

/** What CloudWatch publishes to a topic for a change of an alarm. */
export interface AlarmNotification {
  readonly subject: string;
  /** JSON text: the message of every protocol that has none of its own. */
  readonly defaultMessage: string;
  readonly smsText: string;
  readonly emailText: string;
}

const SUBJECT_LIMIT = 100;
/** Recorded: an SMS keeps 90 characters of a long name, the dots among them. */
const SMS_NAME_LIMIT = 90;

/** Puts a transition into the words that reach topics, mailboxes and telephones. */
export function alarmNotification(transition: Transition, context: AlarmHome): AlarmNotification {
  const { state, alarmName } = transition.current;
  // Subjects are ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  const name = alarmName.replaceAll(/[^\u0020-\u007e]+/g, "_");
  const headline = (shown: string): string => `${state}: "${shown}" in ${regionName(context.region)}`;
  const room = SUBJECT_LIMIT - headline("").length;
  return {
    subject: headline(cut(name, room)),
    defaultMessage: snsMessage(transition, context),
    smsText: headline(cut(name, SMS_NAME_LIMIT)),
    emailText: emailText(transition, context),
  };
}

function cut(name: string, limit: number): string {
  return name.length <= limit ? name : `${name.slice(0, limit - 3)}...`;
}
