# 申し込み → 受付のご連絡 → （開催）→ 参加された方・欠席された方へのご案内。
# key により、ウェビナーひとつにつき一度ずつ、それぞれ別に進みます。
workflow "webinar" {
  label = "ウェビナーのフォロー"
  owner = "marketing@komorebi.example.co.jp"

  enter {
    on  = event.webinar_registered
    key = "event.webinar_id"
  }

  # 目的は申し込みの数ではありません。出たあとでも、60日のあいだ数えます。
  goal "opportunity" {
    on     = event.opportunity_created
    within = "60d"
  }

  exit "cancelled" { on = event.webinar_cancelled }
  exit "asked" { on = toss_up.asked }
  exit "handed_over" { on = toss_up.hot_attendee }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    # お申し込みの控えなので、夜間や同意の有無にかかわらずお送りします。
    email "received" {
      subject       = "【受付完了】{{ lead.webinar_title ?? 'オンラインセミナー' }}のお申し込みを承りました"
      template      = "webinar/received.md"
      transactional = true
    }

    # 開催後に配信ツールから参加・欠席が届くまで待ちます。先に来たほうで道が決まります。
    wait "outcome" {
      at_most = "90d"

      case "attended" {
        on = event.webinar_attended

        email "thanks" {
          subject  = "【資料と録画】ご参加ありがとうございました：{{ lead.webinar_title ?? 'オンラインセミナー' }}"
          template = "webinar/thanks.md"
          send     = "mon-fri 09:30-17:30"
        }

        wait "after_thanks" {
          on      = [event.email_clicked, event.pricing_viewed]
          at_most = "4 business days"
        }

        branch "next" {
          case "interested" {
            when = "did('email_clicked', '7d') or did('pricing_viewed', '7d')"

            email "consultation" {
              subject  = "{{ lead.last_name ?? 'ご担当者' }}様の会社に合わせて、30分で整理いたします"
              template = "webinar/consultation.md"
              send     = "tue-thu 10:00-16:00"
            }

            exit "invited" {}
          }

          otherwise {
            exit "informed" {}
          }
        }
      }

      case "missed" {
        on = event.webinar_missed

        email "video" {
          subject  = "【録画を公開】ご都合の合わなかった方へ：{{ lead.webinar_title ?? 'オンラインセミナー' }}"
          template = "webinar/video.md"
          send     = "mon-fri 09:30-17:30"
        }

        wait "watching" {
          at_most = "5 business days"

          case "watched" {
            on = event.video_watched

            wait "let_it_sink_in" { for = "1 business day" }

            email "after_video" {
              subject  = "録画をご覧いただいた方へ：よくいただく3つのご質問"
              template = "webinar/after_video.md"
              send     = "mon-fri 09:30-17:30"
            }

            exit "watched" {}
          }

          # 一度だけ、要点をお送りして終わります。追いかけません。
          otherwise {
            email "in_short" {
              subject  = "【3分で読めます】{{ lead.webinar_title ?? 'オンラインセミナー' }}の要点"
              template = "webinar/in_short.md"
              send     = "mon-fri 09:30-17:30"
            }

            exit "summed_up" {}
          }
        }
      }

      otherwise {
        exit "never_heard" {}
      }
    }
  }
}

# 前日のお知らせ。時刻だけで始まるので、開始の24時間前になった瞬間に入ります。
workflow "webinar_reminder" {
  label = "ウェビナー前日のお知らせ"
  owner = "marketing@komorebi.example.co.jp"

  enter {
    segment = segment.joins_tomorrow
    when    = "in_workflow('webinar')" # 取り消した方には送りません
  }

  re_enter { after = "1h" } # 次に申し込まれたウェビナーでも、前日にお知らせします

  exit "cancelled" { on = event.webinar_cancelled }

  steps {
    # 直前のお申し込みでは、受付のご連絡と同時に届かないよう少し待ちます。
    wait "a_moment" { for = "15m" }

    # 参加用URLのご連絡は、お申し込みいただいた方への約束です。
    email "tomorrow" {
      subject       = "【まもなく開催】{{ lead.webinar_title ?? 'オンラインセミナー' }}の参加用URL"
      template      = "webinar/tomorrow.md"
      transactional = true
    }

    exit "reminded" {}
  }
}
