# For Doxygen: a section of a doc comment, as in
#     /// Throws   ShapeError when x is not 4-D.
# becomes a paragraph of that name. After the word stand two spaces, or one where it fills its column.
s/^( *\/\/\/) (Formula|Shapes|Units|Throws|Threads|Source|Returns)  +/\1 \\par \2\n\1 /
s/^( *\/\/\/) (Requires|Numerics) +/\1 \\par \2\n\1 /
s/^( *\/\/\/) (Parameters) (weight )/\1 \\par \2\n\1 \3/
