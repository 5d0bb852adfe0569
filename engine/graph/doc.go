// Package graph draws workflows: what leads to what, as a picture or as text.
//
// Flow and Portfolio turn an engine.Spec into a Graph: boxes and arrows with their
// words, in English or Japanese, without places. Lay gives boxes and arrows their
// places and knows nothing of what they mean, so that the console, which fills its
// boxes with figures, has the same layout as the command line. SVG, Mermaid, DOT
// and Text write a Graph down.
//
// Everything is a pure function of its input: the same workflow is the same
// picture, byte for byte, on every machine.
package graph
