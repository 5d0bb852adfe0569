# SYNTAX TEST "source.nurture" "conditions inside their quotes"

toss_up "hot_lead" {
# <------- entity.name.type.block.nurture
#       ^ punctuation.definition.string.begin.nurture
#        ^^^^^^^^ entity.name.label.nurture
#                  ^ punctuation.section.block.begin.nurture
  from = stage.mql
# ^^^^ variable.other.member.nurture
#      ^ keyword.operator.assignment.nurture
#        ^^^^^ support.class.namespace.nurture
#             ^ punctuation.accessor.nurture
#              ^^^ variable.other.property.nurture
  when = [
# ^^^^ variable.other.member.nurture
#        ^ punctuation.section.brackets.begin.nurture
    "score.interest >= const.hot", # hot
#   ^ punctuation.definition.string.begin.nurture
#    ^^^^^ source.nurture.expr support.class.namespace.nurture
#          ^^^^^^^^ source.nurture.expr variable.other.property.nurture
#                   ^^ source.nurture.expr keyword.operator.nurture
#                      ^^^^^ support.class.namespace.nurture
#                            ^^^ variable.other.property.nurture
#                               ^ punctuation.definition.string.end.nurture
#                                ^ punctuation.separator.nurture
#                                  ^^^^^ comment.line.number-sign.nurture
    "did('pricing_viewed', '7d') or not lead.unsubscribed",
#    ^^^ source.nurture.expr entity.name.function.nurture
#        ^^^^^^^^^^^^^^^^ source.nurture.expr string.quoted.single.nurture
#                                ^^ keyword.operator.word.nurture
#                                   ^^^ keyword.operator.word.nurture
#                                       ^^^^ support.class.namespace.nurture
#                                            ^^^^^^^^^^^^ variable.other.property.nurture
    "lead.役職 == '部長",
#         ^^ source.nurture.expr variable.other.property.nurture
#               ^^^ string.quoted.single.nurture
#                  ^ punctuation.definition.string.end.nurture - string.quoted.single.nurture
#                   ^ punctuation.separator.nurture
  ]
# ^ punctuation.section.brackets.end.nurture
  cooldown = "90d"
# ^^^^^^^^ variable.other.member.nurture
#            ^^^^^ string.quoted.double.nurture - source.nurture.expr
}

segment "wide" { when = "lead.employees ＞＝ 100" }
#                ^^^^ variable.other.member.nurture
#                        ^^^^ source.nurture.expr support.class.namespace.nurture
#                                       ^^ source.nurture.expr invalid.illegal.full-width.nurture
#                                          ^^^ source.nurture.expr constant.numeric.nurture
#                                               ^ punctuation.section.nurture

score "fit" {
  rule "size" {
    points = "(lead.employees ?? 0) >= 100 ? 20 : 0"
#             ^ source.nurture.expr punctuation.separator.nurture
#                             ^^ source.nurture.expr keyword.operator.nurture
#                                            ^^ source.nurture.expr constant.numeric.nurture
  }
  rule "plain" { points = -20 }
#                ^^^^^^ variable.other.member.nurture
#                         ^^^ constant.numeric.nurture
  rule "long" {
    when = <<-EOT
#          ^^^^^^ keyword.operator.heredoc.nurture
      lead.title == '部長'
#     ^^^^ source.nurture.expr support.class.namespace.nurture
#                ^^ source.nurture.expr keyword.operator.nurture
      or lead.title == '課長'
#     ^^ source.nurture.expr keyword.operator.word.nurture
    EOT
#   ^^^ keyword.operator.heredoc.nurture
    points = 1
#   ^^^^^^ variable.other.member.nurture - source.nurture.expr
  }
}

hand_over {
  owner = "lead.region == 'kansai' ? 'osaka' : 'tokyo'"
#          ^^^^ source.nurture.expr support.class.namespace.nurture
#                         ^^^^^^^^ source.nurture.expr string.quoted.single.nurture
}

workflow "w" {
  owner = "marketing-ops@example.jp"
#          ^^^^^^^^^^^^^^^^^^^^^^^^ string.quoted.double.nurture - source.nurture.expr
  enter { when = "lead.stage in ['lead', 'mql']" }
# ^^^^^ entity.name.type.block.nurture
#                            ^^ source.nurture.expr keyword.operator.word.nurture
}
