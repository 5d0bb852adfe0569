package httpd

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
)

// byteOrderMark lets spreadsheets read a file as UTF-8.
const byteOrderMark = "\ufeff"

// WriteFunnelCSV writes a funnel as a table for spreadsheets: a row a step, then a
// row a stretch of the calendar, a part and a cohort's window, told apart by the
// first column.
func WriteFunnelCSV(w io.Writer, d *FunnelDoc) error {
	rows := [][]string{{"kind", "name", "step", "needed", "by_today", "actual", "pace", "rate", "expected", "forecast", "forecast_low", "forecast_high", "median_days", "p90_days", "of", "waiting"}}
	number := func(n *float64) string {
		if n == nil {
			return ""
		}
		return strconv.FormatFloat(*n, 'f', -1, 64)
	}
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	for i := range d.Steps {
		s := &d.Steps[i]
		row := []string{
			"step", d.Name, s.Name, whole(s.Needed), whole(s.ByToday), whole(s.Actual), number(s.Pace), number(s.Rate), number(&s.Expected),
			number(&s.Forecast), number(&s.Between.Low), number(&s.Between.High), "", "", "", whole(s.Waiting),
		}
		if s.Lag != nil {
			row[12], row[13] = number(&s.Lag.Median), number(&s.Lag.P90)
		}
		rows = append(rows, row)
	}
	part := func(kind string, parts []FunnelPartDoc) {
		for i := range parts {
			for j := range d.Steps {
				step := d.Steps[j].Name
				rows = append(rows, []string{kind, parts[i].Name, step, "", "", whole(parts[i].Passed[step]), "", "", "", "", "", "", "", "", "", ""})
			}
		}
	}
	part("period", d.Periods)
	part("part", d.Parts)
	for i := range d.Cohorts {
		for _, c := range d.Cohorts[i].Within {
			rows = append(rows, []string{
				"cohort", d.Cohorts[i].Name, "within " + whole(c.Days) + "d", "", "", whole(c.Count), "", number(c.Rate), "", "", "", "", "", "", whole(c.Of), whole(c.Waiting),
			})
		}
	}
	return writeCSV(w, rows)
}

// WriteAttributionCSV writes credits as a table for spreadsheets.
func WriteAttributionCSV(w io.Writer, d *AttributionDoc) error {
	rows := [][]string{{d.By, "credit", "share", "results"}}
	for i := range d.Credits {
		c := &d.Credits[i]
		rows = append(rows, []string{
			c.Name, strconv.FormatFloat(c.Credit, 'f', 6, 64), strconv.FormatFloat(c.Share, 'f', 6, 64), strconv.FormatInt(c.Results, 10),
		})
	}
	return writeCSV(w, rows)
}

// writeCSV writes rows so that a spreadsheet takes no text for a formula.
func writeCSV(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	for _, row := range rows {
		row = slices.Clone(row)
		for i, cell := range row {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
