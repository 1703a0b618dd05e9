// Express with the cors package, well and badly configured. Prints its port.
import cors from "cors";
import express from "express";

const app = express();
const common = { credentials: true, maxAge: 600, allowedHeaders: ["Content-Type"] };
const answers = {
  "/express-true": { ...common, origin: true },
  "/express-regex": { ...common, origin: /app\.example\.com/ },
  "/express-function": {
    ...common,
    origin: (origin, done) => done(null, origin?.endsWith("example.com") ?? false),
  },
  "/express-defaults": {},
  "/express-list": { ...common, origin: ["https://app.example.com", "https://admin.example.com"] },
};
for (const [path, options] of Object.entries(answers)) {
  app.use(path, cors(options), (request, response) => response.send("ok"));
}
const server = app.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ express: server.address().port }));
});
