// Opens a page in a real browser and says what it finds: node browser.mjs PAGE CHROMIUM [PICTURES]
// As JSON: console errors, requests, accessibility violations, sections, what is too wide.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.LEADLAG_NODE_MODULES + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [, , page, executablePath, pictures] = process.argv;
const address = pathToFileURL(page).href;

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const views = [
  { name: "phone", width: 390, colorScheme: "light" },
  { name: "desk", width: 1280, colorScheme: "light" },
  { name: "dark", width: 1280, colorScheme: "dark" },
  { name: "print", width: 794, colorScheme: "light", media: "print" },
];
const told = {};
for (const view of views) {
  const context = await browser.newContext({
    viewport: { width: view.width, height: 900 }, colorScheme: view.colorScheme, bypassCSP: true,
  });
  const tab = await context.newPage();
  const errors = [];
  const requests = [];
  tab.on("console", (m) => { if (m.type() === "error") errors.push(m.text()); });
  tab.on("pageerror", (e) => errors.push(String(e)));
  tab.on("request", (r) => { if (r.url() !== address) requests.push(r.url()); });
  await tab.goto(address);
  if (view.media) await tab.emulateMedia({ media: view.media, colorScheme: "light" });
  if (pictures) await tab.screenshot({ path: `${pictures}/${view.name}.png`, fullPage: true });
  await tab.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  if (pictures) await tab.screenshot({ path: `${pictures}/${view.name}-open.png`, fullPage: true });
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const sections = await tab.evaluate(() =>
    [...document.querySelectorAll("main h2")].map((h) => h.textContent));
  await tab.evaluate(axe);
  const found = await tab.evaluate(() => window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
  }));
  const violations = found.violations.map((v) => ({
    id: v.id, help: v.help, count: v.nodes.length, first: v.nodes[0].html.slice(0, 200),
    why: v.nodes[0].failureSummary,
  }));
  // Words of a chart that an edge cuts off: its own, or that of its card where it may stand out.
  const cut = await tab.evaluate(() => [...document.querySelectorAll("figure svg text")].filter((t) => {
    const svg = t.closest("svg");
    const out = getComputedStyle(svg).overflow === "visible";
    const edge = (out ? t.closest("section") : svg).getBoundingClientRect();
    const box = t.getBoundingClientRect();
    return box.width > 0 && (box.left < edge.left - 2 || box.right > edge.right + 2
      || box.top < edge.top - 2 || box.bottom > edge.bottom + 2);
  }).map((t) => t.textContent));
  told[view.name] = { errors, requests, wide, sections, violations, cut };
  if (view.name === "desk") {
    // A pointer on a mark of a chart is told what the mark is.
    const mark = tab.locator("figure svg .mark-symbol path[data-tip]").first();
    await mark.hover({ force: true });
    told.tip = await tab.locator("#tip").textContent();
  }
  await context.close();
}
// The page as it is sent, with its own policy in force and with scripts off.
const strict = await browser.newContext({ javaScriptEnabled: false });
const plain = await strict.newPage();
await plain.goto(address);
told.text = await plain.locator("main").textContent();
const paper = await plain.pdf({ format: "A4", preferCSSPageSize: true });
told.pages = paper.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
await plain.emulateMedia({ media: "print" });
told.printed = await plain.evaluate(() => ({
  cut: [...document.querySelectorAll("figure svg")].filter((s) => s.getBoundingClientRect().height < 40).length,
  figures: document.querySelectorAll("figure svg").length,
}));
await strict.close();
const real = await (await browser.newContext()).newPage();
const complaints = [];
real.on("console", (m) => complaints.push(m.text()));
await real.goto(address);
told.complaints = complaints;
await browser.close();
process.stdout.write(JSON.stringify(told));
