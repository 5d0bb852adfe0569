package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (c *cli) generateVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "generate",
		Short: "Print files for other tools: a Grafana dashboard, Prometheus alert rules, CI pipelines",
		Long: `generate prints what other tools want: a dashboard for Grafana and alert rules for
Prometheus, which read the metrics that the server shows at /metrics, and pipelines
for GitHub and GitLab, which plan and apply changes of the rules.`,
	}
	verb.AddCommand(
		&cobra.Command{
			Use: "grafana", Short: "Print a Grafana dashboard", Args: cobra.NoArgs,
			Long:    "grafana prints a dashboard to be imported into Grafana, which asks for the Prometheus that scrapes the server.",
			Example: "  nurture generate grafana > nurture.json",
			RunE:    func(*cobra.Command, []string) error { return c.generateGrafana() },
		},
		&cobra.Command{
			Use: "alerts", Short: "Print Prometheus alert rules", Args: cobra.NoArgs,
			Long:    "alerts prints a file of alert rules for Prometheus: name it in rule_files. Thresholds of key figures belong into the workspace (kpi { threshold }); here they are only passed on while they fire.",
			Example: "  nurture generate alerts > nurture-alerts.yml\n  promtool check rules nurture-alerts.yml",
			RunE:    func(*cobra.Command, []string) error { return c.generateAlerts() },
		},
		c.generatePipelineVerb("github", "GitHub Actions", ".github/workflows/nurture.yml"),
		c.generatePipelineVerb("gitlab", "GitLab CI", ".gitlab-ci.yml"),
	)
	return verb
}

// gaugePanel is a panel of the dashboard: queries with their legends.
type gaugePanel struct {
	en, ja string
	unit   string
	kind   string // of Grafana: timeseries, stat, table
	wide   int    // of 24 columns
	series [][2]string
}

func dashboardPanels() []gaugePanel {
	return []gaugePanel{
		{"Ready", "稼働", "bool_yes_no", "stat", 4, [][2]string{{"nurture_ready", ""}}},
		{"Rules in force", "有効なルール", "none", "stat", 4, [][2]string{{"nurture_revision", "revision"}}},
		{"Files on disk are loaded", "ファイルの読み込み", "bool_yes_no", "stat", 4, [][2]string{{"nurture_config_last_reload_successful", ""}}},
		{"Dead letters", "デッドレター", "none", "stat", 4, [][2]string{{"sum(increase(nurture_dead_letters_total[24h]))", "24h"}}},
		{"Figures that fire", "悪化した指標", "none", "stat", 4, [][2]string{{"count(nurture_kpi_state == 3) or vector(0)", ""}}},
		{"Plugins down", "停止中のプラグイン", "none", "stat", 4, [][2]string{{"count(nurture_plugin_up == 0) or vector(0)", ""}}},
		{"Key figures", "指標", "none", "timeseries", 12, [][2]string{{"nurture_kpi_value", "{{kpi}}"}}},
		{"Share of the target", "達成率", "percentunit", "timeseries", 12, [][2]string{{"nurture_kpi_achieved_ratio", "{{kpi}}"}}},
		{"Events", "イベント", "ops", "timeseries", 12, [][2]string{{"sum by (source, verdict) (rate(nurture_events_total[5m]))", "{{source}} {{verdict}}"}, {"rate(nurture_decided_total[5m])", "decided"}}},
		{"Messages by outcome", "送信の結果", "ops", "timeseries", 12, [][2]string{{"sum by (channel, outcome) (rate(nurture_attempts_total[5m]))", "{{channel}} {{outcome}}"}}},
		{"Waiting to go", "送信待ち", "none", "timeseries", 12, [][2]string{{"sum by (channel, lane) (nurture_outbox_actions)", "{{channel}} {{lane}}"}, {"nurture_actions_outstanding", "{{channel}} under way"}}},
		{"Until an event is durable", "イベントが永続化されるまで", "s", "timeseries", 12, [][2]string{
			{"histogram_quantile(0.5, rate(nurture_event_durable_seconds_bucket[5m]))", "p50"},
			{"histogram_quantile(0.99, rate(nurture_event_durable_seconds_bucket[5m]))", "p99"},
			{"histogram_quantile(0.99, rate(nurture_commit_seconds_bucket[5m]))", "commit p99"},
		}},
		{"Queue", "受付の待ち行列", "none", "timeseries", 8, [][2]string{{"nurture_queue_events", "events"}, {"rate(nurture_overload_refused_total[5m])", "refused per second"}}},
		{"Timers are late by", "タイマーの遅れ", "s", "timeseries", 8, [][2]string{{"nurture_timer_lag_seconds", ""}}},
		{"New leads", "新しいリード", "none", "timeseries", 8, [][2]string{{"increase(nurture_leads_new_total[1h])", "per hour"}}},
	}
}

func (c *cli) generateGrafana() error {
	lang := c.language("")
	source := map[string]any{"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
	var panels []any
	x, y, tallest := 0, 0, 0
	for i, p := range dashboardPanels() {
		height := 8
		if p.kind == "stat" {
			height = 4
		}
		if x+p.wide > 24 {
			x, y, tallest = 0, y+tallest, 0
		}
		var targets []any
		for j, s := range p.series {
			targets = append(targets, map[string]any{"datasource": source, "expr": s[0], "legendFormat": s[1], "refId": string(rune('A' + j))})
		}
		panels = append(panels, map[string]any{
			"id": i + 1, "title": words(lang, p.en, p.ja), "type": p.kind, "datasource": source, "targets": targets,
			"gridPos":     map[string]int{"x": x, "y": y, "w": p.wide, "h": height},
			"fieldConfig": map[string]any{"defaults": map[string]any{"unit": p.unit}, "overrides": []any{}},
		})
		x, tallest = x+p.wide, max(tallest, height)
	}
	board := map[string]any{
		"title": "nurture", "uid": "nurture", "schemaVersion": 39, "editable": true, "refresh": "30s",
		"time": map[string]string{"from": "now-24h", "to": "now"}, "tags": []string{"nurture"}, "panels": panels,
		"__inputs":   []any{map[string]string{"name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus", "pluginName": "Prometheus"}},
		"__requires": []any{map[string]string{"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "2.0.0"}},
	}
	out, err := json.MarshalIndent(board, "", "  ")
	if err != nil {
		return fmt.Errorf("write the dashboard: %w", err)
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "dashboard": board})
	}
	_, err = fmt.Fprintln(c.out, string(out))
	return err
}

// alertRule is an alert with its sentence.
type alertRule struct {
	Name     string `json:"alert"`
	Expr     string `json:"expr"`
	For      string `json:"for"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
}

func alertRules(lang string) []alertRule {
	rule := func(name, expr, wait, severity, en, ja string) alertRule {
		return alertRule{name, expr, wait, severity, words(lang, en, ja)}
	}
	return []alertRule{
		rule("NurtureNotReady", "nurture_ready == 0", "2m", "critical", "nurture takes no events", "nurture がイベントを受け付けていません"),
		rule("NurtureRulesRefused", "nurture_config_last_reload_successful == 0", "5m", "warning",
			"The rules on disk have problems; the earlier revision keeps running", "保存されたルールに問題があり、前のリビジョンのまま動いています"),
		rule("NurturePluginDown", "nurture_plugin_up == 0", "2m", "critical",
			"The plugin of channel {{ $labels.channel }} does not run", "チャネル {{ $labels.channel }} のプラグインが動いていません"),
		rule("NurturePluginRestarts", "increase(nurture_plugin_restarts_total[15m]) > 3", "0m", "warning",
			"The plugin of channel {{ $labels.channel }} starts again and again", "チャネル {{ $labels.channel }} のプラグインが再起動を繰り返しています"),
		rule("NurtureServiceAway", "nurture_channel_service_away == 1", "5m", "critical",
			"The service behind channel {{ $labels.channel }} does not answer; its messages wait", "チャネル {{ $labels.channel }} の送信先が応答せず、メッセージが待っています"),
		rule("NurtureDeadLetters", "increase(nurture_dead_letters_total[15m]) > 0", "0m", "warning",
			"Messages were given up: see nurture deliveries", "送信をあきらめたメッセージがあります: nurture deliveries"),
		rule("NurtureOverload", "rate(nurture_overload_refused_total[5m]) > 0", "5m", "warning",
			"Events are refused because the queue is full", "待ち行列が満杯で、イベントを断っています"),
		rule("NurtureTimersLate", "nurture_timer_lag_seconds > 60", "5m", "warning",
			"Timers are late by {{ $value }} seconds", "タイマーが {{ $value }} 秒遅れています"),
		rule("NurtureTossUpsWait", `sum by (channel) (nurture_outbox_actions{lane="toss_up"}) > 0`, "10m", "critical",
			"Hand-overs wait for channel {{ $labels.channel }}", "チャネル {{ $labels.channel }} で引き渡しが滞っています"),
		rule("NurtureSlowCommits", "histogram_quantile(0.99, rate(nurture_commit_seconds_bucket[5m])) > 1", "10m", "warning",
			"One transaction in a hundred takes more than a second", "百回に一回、トランザクションに一秒以上かかっています"),
		rule("NurtureKPIFiring", "nurture_kpi_state == 3", "0m", "warning",
			"Key figure {{ $labels.kpi }} is worse than its threshold: nurture kpi {{ $labels.kpi }}", "指標 {{ $labels.kpi }} がしきい値を超えて悪化しています: nurture kpi {{ $labels.kpi }}"),
	}
}

func (c *cli) generateAlerts() error {
	rules := alertRules(c.language(""))
	if c.json {
		return c.print(map[string]any{"ok": true, "alerts": rules})
	}
	var b strings.Builder
	b.WriteString("groups:\n  - name: nurture\n    rules:\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "      - alert: %s\n        expr: %s\n        for: %s\n        labels:\n          severity: %s\n        annotations:\n          summary: %s\n",
			r.Name, yamlText(r.Expr), r.For, r.Severity, yamlText(r.Summary))
	}
	_, err := fmt.Fprint(c.out, b.String())
	return err
}

// yamlText is a text as YAML writes it in single quotes.
func yamlText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
