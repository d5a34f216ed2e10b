// The package: src compiled twice, as ES modules and as CommonJS, each folder saying which it is.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function compile(project) {
  const compiler = here('node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '--project', here(project)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(here('dist'), { recursive: true, force: true });
compile('tsconfig.json');
compile('tsconfig.cjs.json');
writeFileSync(here('dist/esm/package.json'), '{"type":"module","sideEffects":false}\n');
writeFileSync(here('dist/cjs/package.json'), '{"type":"commonjs","sideEffects":false}\n');
