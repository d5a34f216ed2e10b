// How the dashboard is built: relative addresses only (it may stand behind any path prefix), nothing
// inlined (the server's policy forbids it), and the licences of what is bundled beside it.
import { readFileSync, readdirSync } from "node:fs";
import { defineConfig } from "vite";

const BUNDLED = ["preact", "elkjs"];

function licences() {
  const parts = BUNDLED.map((name) => {
    const folder = new URL(`./node_modules/${name}/`, import.meta.url);
    const { version, license } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${readFileSync(new URL(file, folder), "utf8").trim()}\n`;
  });
  const source = `The dashboard contains these packages of the npm registry, unchanged.\n\n${parts.join("\n\n")}`;
  return {
    name: "licences",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "licences.txt", source });
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [licences()],
  build: {
    outDir: "../runtime/src/statekeep/web/ui_built",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
});
