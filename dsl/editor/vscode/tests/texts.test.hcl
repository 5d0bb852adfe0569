# SYNTAX TEST "source.nurture" "texts with {{ }}"

email "hello" {
  subject = "{{ lead.last_name ?? 'ご担当者' }} 様"
# ^^^^^^^ variable.other.member.nurture
#            ^^ punctuation.section.embedded.begin.nurture
#               ^^^^ source.nurture.expr support.class.namespace.nurture
#                              ^^ source.nurture.expr keyword.operator.nurture
#                                 ^^^^^^ source.nurture.expr string.quoted.single.nurture
#                                        ^^ punctuation.section.embedded.end.nurture
#                                           ^ string.quoted.double.nurture - source.nurture.expr
  payload = { email = "{{ lead.email }}", n = 3 }
#             ^^^^^ variable.other.member.nurture
#                         ^^^^ source.nurture.expr support.class.namespace.nurture
#                                             ^ constant.numeric.nurture
  old = "${lead.email}"
#        ^^^^^^^^^^^^^ invalid.illegal.interpolation.nurture
  key = secret("SMTP_PASSWORD")
#       ^^^^^^ support.function.nurture
#              ^^^^^^^^^^^^^^^ string.quoted.double.nurture
  open = "{{ lead.email
  next = true
# ^^^^ variable.other.member.nurture - source.nurture.expr
#        ^^^^ constant.language.nurture
}
