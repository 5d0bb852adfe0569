-- Drives a real Neovim against `nurture lsp`, and writes down what the person in
-- front of it would see. The configuration is the one of docs/en/editors.md, which
-- was loaded before.
local seen = {}
local out = assert(os.getenv("NURTURE_SEEN"))

vim.o.virtualedit = "onemore" -- the cursor stands behind the last character, as while typing

local function finish(fault)
  seen.fault = fault
  local file = assert(io.open(out, "w"))
  file:write(vim.fn.json_encode(seen))
  file:close()
  vim.cmd("qa!")
end

local function wait(what, ready)
  if not vim.wait(600000, ready, 20) then
    error("waited in vain for " .. what)
  end
end

-- ask sends a request about the cursor and gives the server's answer.
local function ask(method, more)
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  for k, v in pairs(more or {}) do
    params[k] = v
  end
  local answers, err = vim.lsp.buf_request_sync(0, method, params, 600000)
  assert(answers, method .. ": " .. tostring(err))
  for _, a in pairs(answers) do
    assert(not a.error, method .. ": " .. vim.inspect(a.error))
    return a.result
  end
end

-- cursor goes behind the first words that are found in the buffer.
local function cursor(words)
  for n, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local _, e = line:find(words, 1, true)
    if e then
      vim.api.nvim_win_set_cursor(0, { n, e })
      return n
    end
  end
  error("no line has " .. words)
end

local function text_of(d)
  return vim.api.nvim_buf_get_text(0, d.lnum, d.col, d.end_lnum, d.end_col, {})[1]
end

local function name()
  return vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ":t")
end

local function problems()
  vim.cmd("edit rules.hcl")
  wait("a problem", function() return #vim.diagnostic.get(0) > 0 end)
  seen.problems = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    table.insert(seen.problems, { code = d.code, line = d.lnum + 1, words = text_of(d), message = d.message })
  end
end

local function completion()
  local n = cursor("score.intrest")
  local before = vim.api.nvim_buf_get_lines(0, n - 1, n, false)[1]
  local half = before:gsub("score%.intrest.*", "score.")
  vim.api.nvim_buf_set_lines(0, n - 1, n, false, { half }) -- the quote is open now
  vim.api.nvim_win_set_cursor(0, { n, #half })
  seen.completion = {}
  for _, item in ipairs(ask("textDocument/completion").items) do
    table.insert(seen.completion, { label = item.label, detail = item.detail })
  end
  vim.api.nvim_buf_set_lines(0, n - 1, n, false, { before })
  wait("the problem again", function()
    local d = vim.diagnostic.get(0)[1]
    return d and text_of(d) == "intrest"
  end)
end

local function correction()
  local n = cursor("score.intre")
  local d = vim.diagnostic.get(0)[1]
  local actions = ask("textDocument/codeAction", {
    range = vim.lsp.util.make_given_range_params({ n, d.col }, { n, d.end_col - 1 }, 0, "utf-16").range,
    context = { diagnostics = {} },
  })
  seen.action = actions[1].title
  vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
  seen.corrected = vim.api.nvim_buf_get_lines(0, n - 1, n, false)[1]
  wait("no problem", function() return #vim.diagnostic.get(0) == 0 end)
end

local function hover()
  cursor("score.inte")
  seen.hover = ask("textDocument/hover").contents.value
end

local function definition()
  cursor("score.inte")
  vim.lsp.buf.definition()
  wait("the definition", function() return name() == "scores.hcl" end)
  local at = vim.api.nvim_win_get_cursor(0)
  seen.definition = { file = name(), line = vim.api.nvim_buf_get_lines(0, at[1] - 1, at[1], false)[1] }
end

local function rename()
  vim.lsp.buf.rename("熱量")
  wait("the new name", function()
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n"):find("熱量", 1, true)
  end)
  vim.cmd("wall")
  vim.cmd("buffer rules.hcl")
end

local function formatting()
  local last = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_buf_set_lines(0, last, last, false, { 'segment "z" {', 'when="score.熱量>=1"', "}" })
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = 600000 })
  else
    vim.lsp.buf.formatting_sync(nil, 600000)
  end
  seen.formatted = vim.api.nvim_buf_get_lines(0, last, -1, false)
end

local function template()
  vim.cmd("edit templates/hello.md")
  cursor("{{ lead.comp")
  wait("the template's client", function() return #vim.lsp.get_active_clients({ bufnr = 0 }) > 0 or #vim.lsp.buf_get_clients(0) > 0 end)
  seen.template = ask("textDocument/hover").contents.value
end

local ok, fault = pcall(function()
  problems()
  completion()
  correction()
  hover()
  definition()
  rename()
  formatting()
  template()
end)
finish(not ok and tostring(fault) or nil)
