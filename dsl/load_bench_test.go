package dsl

import (
	"fmt"
	"testing"
	"testing/fstest"
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

// BenchmarkLoad loads a folder of 1,000 workflows.
func BenchmarkLoad(b *testing.B) {
	fsys := manyWorkflows(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if ws, ds := Load(fsys, Options{}); ws == nil {
			b.Fatal(ds.Render())
		}
	}
}
