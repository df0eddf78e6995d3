import { Construct } from "constructs";
import type { StageConfig } from "../../config/stage-config.ts";
import { namesOf, type Severity } from "../../names.ts";
import { alarmTopicKey } from "./alarm-topic-key.ts";
import { AlarmTopic } from "./alarm-topic.ts";

/** One topic per severity, so that a page can later ring where a ticket only mails. */
export class AlarmTopics extends Construct {
  readonly bySeverity: Readonly<Record<Severity, AlarmTopic>>;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const masterKey = alarmTopicKey(this, config);
    const topic = (topicId: string, severity: Severity): AlarmTopic =>
      new AlarmTopic(this, topicId, {
        topicName: namesOf(config).topics[severity],
        displayName: namesOf(config).title,
        emails: config.alarmEmails,
        masterKey,
      });
    this.bySeverity = { page: topic("Page", "page"), ticket: topic("Ticket", "ticket") };
  }
}
