package httpd

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// The verdicts on an event.
const (
	verdictAccepted  = "accepted"
	verdictDuplicate = "duplicate"
	verdictRefused   = "refused"
)

// metrics is what /metrics shows. Labels are names of the configuration (sources,
// channels, lanes), never anything that a client sent. What the runner counts is
// read when somebody asks.
type metrics struct {
	registry *prometheus.Registry
	verdicts *prometheus.CounterVec
	server   *Server
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "nurture_events_total", Help: "Events by the key they came with and what became of them.",
		}, []string{"source", "verdict"}),
		server: s,
	}
	m.registry.MustRegister(m.verdicts, m,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) count(source, verdict string, n int) {
	if n > 0 {
		m.verdicts.WithLabelValues(source, verdict).Add(float64(n))
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// metricsFor lets in whoever may read the metrics; everybody, on a server that has
// no key yet.
func (s *Server) metricsFor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, known := s.callerOf(r)
		switch {
		case s.noKeys() || known && c.may(access.Metrics):
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="nurture"`)
			errUnauthorized.in(apiLang("", r.Header.Get("Accept-Language"))).write(w)
		}
	})
}

// figure is one number of the runner.
type figure struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func counter(name, help string, labels ...string) figure {
	return figure{prometheus.NewDesc("nurture_"+name, help, labels, nil), prometheus.CounterValue}
}

func gauge(name, help string, labels ...string) figure {
	return figure{prometheus.NewDesc("nurture_"+name, help, labels, nil), prometheus.GaugeValue}
}

var (
	decidedTotal   = counter("decided_total", "Events and facts decided since the start.")
	newLeadsTotal  = counter("leads_new_total", "Leads first seen since the start.")
	overloadTotal  = counter("overload_refused_total", "Events refused because the queue was full.")
	queueEvents    = gauge("queue_events", "Events from outside under way.")
	queueBytes     = gauge("queue_bytes", "Bytes of the events under way.")
	commitsTotal   = counter("commits_total", "Transactions since the start.")
	outboxActions  = gauge("outbox_actions", "Actions ready or under way.", "channel", "lane")
	actionsUnder   = gauge("actions_outstanding", "Attempts under way.", "channel")
	attemptsTotal  = counter("attempts_total", "Answers of channels by outcome.", "channel", "outcome")
	sendFailures   = counter("send_failures_total", "Hand-overs that the plugin host did not take.", "channel")
	serviceAway    = gauge("channel_service_away", "1 while the service behind the channel does not answer.", "channel")
	restsTotal     = counter("channel_rests_total", "How often the channel rested because its service did not answer.", "channel")
	deadTotal      = counter("dead_letters_total", "Actions given up since the start.")
	timerLag       = gauge("timer_lag_seconds", "By how much the latest timer was late.")
	revisionNow    = gauge("revision", "Number of the rules in force.")
	reloadOK       = gauge("config_last_reload_successful", "1 when the rules on disk are the ones in force.")
	reloadAt       = gauge("config_last_reload_timestamp_seconds", "When the rules were loaded last, well or not.")
	pluginUp       = gauge("plugin_up", "1 while the channel's plugin runs.", "channel", "plugin")
	pluginMemory   = gauge("plugin_memory_bytes", "Resident memory of the channel's plugin.", "channel", "plugin")
	pluginCPU      = counter("plugin_cpu_seconds_total", "Processor time of the channel's plugin.", "channel", "plugin")
	pluginHeard    = counter("plugin_facts_total", "Facts that the channel's service told.", "channel", "plugin")
	pluginRestarts = counter("plugin_restarts_total", "How often the channel's plugin was started again.", "channel", "plugin")
	kpiValue       = gauge("kpi_value", "Key figures: counts, rates from 0 to 1, results of formulas.", "kpi")
	kpiSample      = gauge("kpi_sample", "What was judged for a key figure.", "kpi")
	kpiWaiting     = gauge("kpi_waiting", "What is too young to be judged for a key figure.", "kpi")
	kpiTarget      = gauge("kpi_target", "Target of a key figure.", "kpi")
	kpiAchieved    = gauge("kpi_achieved_ratio", "Share of the target that a key figure reaches.", "kpi")
	kpiState       = gauge("kpi_state", "Worst threshold of a key figure: 0 no data, 1 ok, 2 pending, 3 firing, 4 recovering.", "kpi")
	readyNow       = gauge("ready", "1 while the server takes events.")

	toDurableDesc = prometheus.NewDesc("nurture_event_durable_seconds", "From taking an event in until it is durable.", nil, nil)
	commitDesc    = prometheus.NewDesc("nurture_commit_seconds", "Duration of a transaction.", nil, nil)
)

var laneNames = [engine.Lanes]string{"toss_up", "transactional", "nurture", "broadcast"}

// Describe says that the metrics are made as they are asked for.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect reads the figures.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	send := func(f figure, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(f.desc, f.kind, value, labels...)
	}
	desk := m.server.options.Desk
	st := desk.Status()
	send(decidedTotal, float64(st.Decided))
	send(newLeadsTotal, float64(st.NewLeads))
	send(overloadTotal, float64(st.Refused))
	send(queueEvents, float64(st.Queued))
	send(queueBytes, float64(st.QueuedBytes))
	send(commitsTotal, float64(st.Commits))
	send(deadTotal, float64(st.GivenUp))
	send(timerLag, st.Lag.Seconds())
	send(revisionNow, float64(st.Revision))
	send(readyNow, flag(m.server.state.Load() == stateReady))
	for i := range st.Channels {
		collectChannel(send, &st.Channels[i])
	}
	m.collectWorkshop(send)
	m.collectRollout(send)
	m.collectKPIs(send)
	out <- histogram(toDurableDesc, desk.ToDurable())
	out <- histogram(commitDesc, desk.CommitTime())
}

func collectChannel(send func(figure, float64, ...string), c *runner.ChannelStatus) {
	for lane, n := range c.Outbox {
		send(outboxActions, float64(n), c.Channel, laneNames[lane])
	}
	send(actionsUnder, float64(c.Outstanding), c.Channel)
	send(sendFailures, float64(c.Failures), c.Channel)
	send(serviceAway, flag(c.Away != 0), c.Channel)
	send(restsTotal, float64(c.Rests), c.Channel)
	for outcome := engine.Done; outcome <= engine.Unknown; outcome++ {
		send(attemptsTotal, float64(c.Answers[outcome]), c.Channel, outcome.String())
	}
}

func (m *metrics) collectWorkshop(send func(figure, float64, ...string)) {
	workshop := m.server.options.Workshop
	rules := workshop.Rules()
	send(reloadOK, flag(rules.OK))
	if !rules.At.IsZero() {
		send(reloadAt, float64(rules.At.UnixMilli())/1000)
	}
	for _, p := range workshop.Plugins() {
		send(pluginUp, flag(p.State == pluginRunning), p.Channel, p.Plugin)
		send(pluginRestarts, float64(p.Restarts), p.Channel, p.Plugin)
		send(pluginMemory, float64(p.Memory), p.Channel, p.Plugin)
		send(pluginCPU, p.CPU, p.Channel, p.Plugin)
		send(pluginHeard, float64(p.Heard), p.Channel, p.Plugin)
	}
}

// collectKPIs shows the figures by their names. Their labels stay out: they are the
// workspace's own and may be many.
func (m *metrics) collectKPIs(send func(figure, float64, ...string)) {
	docs, err := m.server.tallies.figures(m.server.kpis)
	if err != nil {
		m.server.log.Error("show the key figures as metrics", "error", err)
		return
	}
	for i := range docs {
		d := &docs[i]
		value := float64(d.Total.Count)
		if d.Kind != "count" {
			if d.Total.Value == nil {
				continue
			}
			value = *d.Total.Value
		}
		send(kpiValue, value, d.Name)
		send(kpiSample, float64(max(d.Total.Of, d.Total.Count)), d.Name)
		send(kpiWaiting, float64(d.Total.Waiting), d.Name)
		if d.Target != 0 {
			send(kpiTarget, d.Target, d.Name)
		}
		if d.Achieved != nil {
			send(kpiAchieved, *d.Achieved, d.Name)
		}
	}
	for i := range docs {
		if level, ok := levelNumber[docs[i].State]; ok {
			send(kpiState, level, docs[i].Name)
		}
	}
}

// levelNumber is a state as a metric.
var levelNumber = map[string]float64{"no_data": 0, "ok": 1, "pending": 2, "firing": 3, "recovering": 4}

func flag(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func histogram(desc *prometheus.Desc, h *runner.Histogram) prometheus.Metric {
	buckets := map[float64]uint64{}
	h.Cumulative(func(below time.Duration, n uint64) {
		if below <= time.Minute {
			buckets[below.Seconds()] = n
		}
	})
	return prometheus.MustNewConstHistogram(desc, h.Count(), h.Sum().Seconds(), buckets)
}
