package dsl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// manyWorkflows is the example with n more workflows, a file each.
func manyWorkflows(t testing.TB, n int) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, f := range readTree(t, "testdata/prelude") {
		fsys[name] = f
	}
	for i := range n {
		fsys[fmt.Sprintf("flows/w%04d.hcl", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, `workflow "w%d" {
  enter {
    on   = event.form_submitted
    when = "event.form == 'download' and score.interest >= %d"
  }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "hello" {
      subject  = "{{ lead.last_name ?? 'ご担当者' }} 様 %d"
      template = "hello.md"
    }

    wait "a_while" { for = "3d" }

    branch "interested" {
      case "clicked" {
        when = "did('email_clicked', '3d') and lead.employees >= %d"
        exit "warm" {}
      }

      otherwise {
        exit "cold" {}
      }
    }
  }
}
`, i, i%89+1, i, i+1)}
	}
	return fsys
}

// onDisk writes a folder of n workflows, a file each.
func onDisk(b *testing.B, n int) (dir string, files []string) {
	b.Helper()
	dir = b.TempDir()
	for name, f := range manyWorkflows(b, n) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			b.Fatal(err)
		}
		if strings.HasSuffix(name, ".hcl") {
			files = append(files, path)
		}
	}
	return dir, files
}

// bare reads and parses the files with HCL, and does nothing with them.
func bare(b *testing.B, files []string) {
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		if _, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos); diags.HasErrors() {
			b.Fatal(diags)
		}
	}
}

// beside runs do and bare HCL parsing of the same folder in turns, and reports
// what do takes in times of bare parsing.
func beside(b *testing.B, files []string, do func(i int)) {
	var ours, theirs time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		do(i)
		ours += time.Since(start)
		b.StopTimer()
		start = time.Now()
		bare(b, files)
		theirs += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "x-bare-parse")
}

const benchFlows = 1000

// BenchmarkLoadCold loads a folder of 1,000 workflows for the first time.
func BenchmarkLoadCold(b *testing.B) {
	dir, files := onDisk(b, benchFlows)
	beside(b, files, func(int) { mustLoad(b, new(Loader), dir) })
}

// BenchmarkReload loads a folder of 1,000 workflows in which one file has changed.
func BenchmarkReload(b *testing.B) {
	dir, files := onDisk(b, benchFlows)
	l := new(Loader)
	mustLoad(b, l, dir)
	path := filepath.Join(dir, "flows", "w0500.hcl")
	src, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	beside(b, files, func(i int) {
		edited := fmt.Appendf(nil, "%s\n# %d\n", src, i)
		if err := os.WriteFile(path, edited, 0o644); err != nil {
			b.Fatal(err)
		}
		mustLoad(b, l, dir)
	})
}

func mustLoad(b *testing.B, l *Loader, dir string) {
	if ws, ds := l.Load(os.DirFS(dir), Options{}); ws == nil {
		b.Fatal(ds.Render())
	}
}
