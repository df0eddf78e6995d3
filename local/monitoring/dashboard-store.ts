import type { DashboardSource } from "cw-alarm-test/cloudwatch-resources";
import type { StoredDashboard } from "../server/aws/cloudwatch-ports.ts";

/** Every dashboard of the account: those of the templates first, then those made through the API. */
export class DashboardStore {
  #dashboards = new Map<string, StoredDashboard>();

  /** Puts the templates' dashboards, which win over whatever was made under their names. */
  putTemplates(sources: readonly DashboardSource[], modifiedMs: number): void {
    const templates = new Map(
      sources.map(({ name, body }): [string, StoredDashboard] => [name, { name, body, modifiedMs }]),
    );
    const others = [...this.#dashboards].filter(([name]) => !templates.has(name));
    this.#dashboards = new Map([...templates, ...others]);
  }

  put(dashboard: StoredDashboard): void {
    this.#dashboards.set(dashboard.name, dashboard);
  }

  delete(name: string): void {
    this.#dashboards.delete(name);
  }

  list(): readonly StoredDashboard[] {
    return [...this.#dashboards.values()];
  }

  find(name: string): StoredDashboard | undefined {
    return this.#dashboards.get(name);
  }
}
