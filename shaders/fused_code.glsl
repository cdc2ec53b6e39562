// What a part of a fused tile is, as one number: the blend code of its row, and these.
const int CLIPPED = 32;  // the row is clipped
const int FURTHER = 64;  // not the first sample of its row
const int MODE = 31;     // what of the number is the blend code
