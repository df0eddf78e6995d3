/** What a colour means, on every dashboard the same; told apart by colour-blind eyes too. */
export const COLOURS = {
  requests: "#7f7f7f",
  good: "#2ca02c",
  degraded: "#e6a700",
  refused: "#9467bd",
  failed: "#d62728",
  held: "#e377c2",
  limit: "#8c564b",
  model: "#1f77b4",
  output: "#17becf",
} as const;
