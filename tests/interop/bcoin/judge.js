// Feeds our blocks and transactions to bcoin and compares its verdicts with ours.
//
// bcoin is a Bitcoin full node written from scratch in JavaScript: a second opinion beside the family of Bitcoin Core.
// Only its chain and its memory pool are used, in this process, in memory. The cases, with our verdicts, are what the
// program `interop_judge_cases bitcoin` prints: one JSON object a line (see ../README.md).
//
// Usage: node judge.js DIRECTORY_OF_NODE_MODULES CASES [--verbose]. Exit code: 0 agreement, 1 disagreement or failure.
'use strict';

const fs = require('fs');
const path = require('path');

const modules = path.resolve(process.argv[2], 'bcoin', 'lib');
const verbose = process.argv.includes('--verbose');
const load = (name) => require(path.join(modules, name));

// bcoin is installed without its compiled parts. All of them have a substitute in JavaScript, chosen here, but the
// database on disk, which nobody opens.
process.env.NODE_BACKEND = 'js';
const database = path.resolve(process.argv[2], 'bdb', 'lib', 'level.js');
require.cache[database] = {id: database, filename: database, loaded: true, exports: class NoDatabase {}};

const Network = load('protocol/network');
const Chain = load('blockchain/chain');
const Mempool = load('mempool/mempool');
const Block = load('primitives/block');
const TX = load('primitives/tx');
const {thresholdStates} = load('blockchain/common');

const reversed = (hash) => Buffer.from(hash, 'hex').reverse().toString('hex');

// Regtest as Bitcoin Core has it today (kernel/chainparams.cpp): what bcoin 1.0.2 activates late, or by the signals of
// miners, holds from the first block on.
function modernRegtest() {
  const network = Network.get('regtest');
  network.block.bip34height = 1;
  network.block.bip65height = 1;
  network.block.bip66height = 1;
  return network;
}

function activate(chain) {
  const {csv, segwit} = chain.network.deployments;
  const getState = chain.getState.bind(chain);
  chain.getState = async (parent, deployment) =>
    deployment === csv || deployment === segwit ? thresholdStates.ACTIVE : getState(parent, deployment);
}

// Null for bytes that are none of this type, or that it would write in another way.
function parse(type, hex) {
  const bytes = Buffer.from(hex, 'hex');
  try {
    const parsed = type.fromRaw(bytes);
    return parsed.toRaw().equals(bytes) ? parsed : null;
  } catch (error) {
    return null;
  }
}

async function addBlock(chain, test) {
  const block = parse(Block, test.hex);
  if (!block)
    return 'undecodable';
  const entry = await chain.add(block);
  return entry ? 'accepted' : 'orphan';
}

async function addTransaction(mempool, test) {
  const transaction = parse(TX, test.hex);
  if (!transaction)
    return 'undecodable';
  const missing = await mempool.addTX(transaction);
  if (missing) {
    mempool.removeOrphan(transaction.hash('hex'));
    return 'missing-inputs';
  }
  return 'accepted';
}

async function opinion(chain, mempool, test) {
  try {
    return test.kind === 'block' ? await addBlock(chain, test) : await addTransaction(mempool, test);
  } catch (error) {
    if (error.type === 'VerifyError')
      return error.reason;
    throw error;
  }
}

function disagreement(test, said, tip) {
  if (test.other_reason)
    return `our verdict, which stands for ${test.other_reason.join(' or ')}`;
  if (test.not_as_meant)
    return 'our verdict, which is not what the case is about';
  if (test.tip_only)
    return tip === test.tip ? null : `tip ${tip}, ours ${test.tip}`;
  if ((said === 'accepted') !== (test.ours === 'valid'))
    return 'verdict';
  const reasons = test.reason || {};
  const expected = reasons.bcoin === undefined ? reasons.core : reasons.bcoin;
  if (said !== 'accepted' && expected && said !== expected)
    return `reason, expected ${expected}`;
  if (tip !== test.tip)
    return `tip ${tip}, ours ${test.tip}`;
  return null;
}

async function main() {
  const lines = fs.readFileSync(process.argv[3], 'utf8').split('\n').filter((line) => line !== '');
  const head = JSON.parse(lines.shift());
  const network = modernRegtest();
  // The clock of the world, not of this machine.
  network.time.now = () => head.clock;

  const chain = new Chain({network, memory: true});
  activate(chain);
  const mempool = new Mempool({
    chain,
    network,
    memory: true,
    requireStandard: true,
    replaceByFee: true,
    rejectAbsurdFees: false,
    limitFree: false,
  });
  chain.on('error', () => {});
  // The forms without the lock, as bcoin's own node/fullnode.js: the chain holds it while it tells.
  chain.on('connect', (entry, block) => mempool._addBlock(entry, block.txs));
  chain.on('disconnect', (entry, block) => mempool._removeBlock(entry, block.txs));
  await chain.open();
  await mempool.open();
  if (reversed(network.genesis.hash) !== head.genesis)
    throw new Error('bcoin has another genesis block');

  const counts = new Map();
  const failures = [];
  for (const line of lines) {
    const test = JSON.parse(line);
    let kind = 'left out';
    if (!(test.skip && test.skip.bcoin)) {
      const said = await opinion(chain, mempool, test);
      const wrong = disagreement(test, said, reversed(chain.tip.hash));
      if (wrong)
        failures.push({test, said, wrong});
      kind = `${test.kind}s ${said === 'accepted' ? 'accepted' : 'rejected'}`;
      if (verbose && !test.quiet)
        console.log(`${test.kind.padEnd(12)} ${test.ours.padEnd(36)} ${said.padEnd(44)} ${test.name}`);
    }
    counts.set(kind, (counts.get(kind) || 0) + 1);
  }
  console.log('bcoin: ' + [...counts].sort().map(([kind, number]) => `${number} ${kind}`).join(', '));
  if (lines.length !== head.cases)
    throw new Error(`${lines.length} of ${head.cases} cases were judged`);
  if (failures.length === 0)
    return 0;
  console.log(`${failures.length} disagreements:`);
  for (const {test, said, wrong} of failures.slice(0, 25))
    console.log(`  ${test.name}\n      ours: ${test.ours}\n      bcoin: ${said}\n      differs in: ${wrong}`);
  return 1;
}

// Node ends without a word when a promise is never kept: that must not pass for agreement.
process.exitCode = 1;
main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  });
