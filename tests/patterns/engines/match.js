// One question for each line: how to match, flags, the pattern and the texts, in hexadecimal.
// The answer is a 0 or 1 for each text, or E if the pattern is none.
const lines = require("node:readline").createInterface({ input: process.stdin });
const text = (hex) => Buffer.from(hex, "hex").toString();

lines.on("line", (line) => {
  const [match, flags, pattern, ...texts] = line.split("\t");
  const sources = {
    search: text(pattern),
    full: `^(?:${text(pattern)})$`,
    prefix: `^(?:${text(pattern)})`,
  };
  let answer = "E";
  try {
    new RegExp(text(pattern));
    const regex = new RegExp(sources[match], flags);
    answer = texts.map((hex) => Number(regex.test(text(hex)))).join("");
  } catch {
    // Not a pattern.
  }
  process.stdout.write(`${answer}\n`);
});
