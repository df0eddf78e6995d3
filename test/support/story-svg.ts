/** One picture of a story, and what it shows. */
export interface StoryFrame {
  readonly caption: string;
  readonly jpeg: Buffer;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const CAPTION_HEIGHT = 44;
/** Time for each picture, seconds: enough to read it. */
const SECONDS = 5;

/**
 * Pictures that follow each other with a line of text under each, as one SVG that a browser and GitHub play
 * by themselves. Who asks for less motion gets the one that matters most: where the alarm is raised.
 */
export function storySvg(frames: readonly StoryFrame[], { width, height }: Size): string {
  const total = frames.length * SECONDS;
  const share = 100 / frames.length;
  const still = Math.floor(frames.length / 2);
  const pictures = frames.map(
    (
      { caption, jpeg },
      i,
    ) => `<g class="frame" style="animation-delay:${i * SECONDS}s"${i === still ? ' id="still"' : ""}>
<image width="${width}" height="${height}" href="data:image/jpeg;base64,${jpeg.toString("base64")}"/>
<text x="${width / 2}" y="${height + CAPTION_HEIGHT / 2}">${escaped(`${i + 1}. ${caption}`)}</text>
</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + CAPTION_HEIGHT}" role="img" aria-label="${escaped(frames.map(({ caption }) => caption).join(" "))}">
<style>
rect { fill: #11161c; }
text { fill: #e6ebf1; font: 600 20px system-ui, sans-serif; text-anchor: middle; dominant-baseline: central; }
.frame { opacity: 0; animation: turn ${total}s linear infinite; }
@keyframes turn { 0% { opacity: 1; } ${(share - 0.4).toFixed(2)}% { opacity: 1; } ${share.toFixed(2)}% { opacity: 0; } 100% { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .frame { animation: none; } #still { opacity: 1; } }
</style>
<rect width="${width}" height="${height + CAPTION_HEIGHT}"/>
${pictures.join("\n")}
</svg>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}
