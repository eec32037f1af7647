package config

import "strings"

// nearest returns the word that is most like name, and how many single changes lie
// between them. It returns "" for no words.
func nearest(name string, words []string) (word string, distance int) {
	for _, w := range words {
		d := changes(name, w)
		if word == "" || d < distance {
			word, distance = w, d
		}
	}
	return word, distance
}

// Nearest returns the word that is most like name, "" when there are no words.
func Nearest(name string, words []string) string {
	word, _ := nearest(name, words)
	return word
}

// similar reports whether name is so close to a word at that distance that it is most likely
// meant.
func similar(name string, distance int) bool {
	return distance <= min(3, max(1, len(name)/3))
}

// changes counts the insertions, deletions, replacements and swaps of neighbours that
// lead from a to b.
func changes(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
