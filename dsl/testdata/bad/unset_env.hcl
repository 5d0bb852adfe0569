channel "x" {
  plugin = "webhook"

  config { url = env("HOOK_URL") } # NOTE: Not set
}
