// Starts `nurture lsp` and lets VS Code speak with it. Everything else the server
// knows.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function newClient() {
  const settings = vscode.workspace.getConfiguration("nurture");
  return new LanguageClient(
    "nurture",
    "nurture",
    { command: settings.get("path", "nurture"), args: settings.get("arguments", ["lsp"]) },
    {
      documentSelector: [
        { scheme: "file", language: "nurture" },
        { scheme: "file", pattern: "**/templates/**/*.md" },
        { scheme: "file", pattern: "**/templates/**/*.html" },
      ],
    },
  );
}

async function start() {
  client = newClient();
  try {
    await client.start();
  } catch (fault) {
    const settings = "nurture.path";
    const open = "Open Settings";
    const chosen = await vscode.window.showErrorMessage(
      `nurture: the language server does not start (${fault.message}). Is nurture installed, or ${settings} set?`,
      open,
    );
    if (chosen === open) {
      await vscode.commands.executeCommand("workbench.action.openSettings", settings);
    }
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.needsStop()) {
    await old.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("nurture.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("nurture.path") || change.affectsConfiguration("nurture.arguments")) {
        return restart();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
