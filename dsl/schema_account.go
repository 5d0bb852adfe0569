package dsl

func accountBlock() *Block {
	return &Block{
		Name: "account", Most: 1,
		Doc: Doc{
			"The company that a lead belongs to. Leads with the same value of key share an account: conditions read what all of them did, and what group calls say of the company.",
			"リードの所属する会社。key の値が同じリードはひとつのアカウントになり、全員の行動と、group 呼び出しで届いた会社の情報を条件から読めます。",
		},
		Attrs: []*Attr{
			{Name: "key", Type: TypeText, Required: true, Example: `"company"`, Doc: Doc{
				"Attribute of the lead that names its account. A group call's groupId sets it.",
				"アカウントを決めるリードの属性。group 呼び出しの groupId でも設定されます。",
			}},
		},
		Blocks:  fieldBlocks("attribute"),
		Example: "account {\n  key = \"company\"\n\n  text \"plan\" { default = \"free\" }\n  number \"seats\" { label = \"契約席数\" }\n}",
	}
}
