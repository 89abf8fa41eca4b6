/* Three functions of glibc as this program needs them, in place of 90 kB of locales, character sets, number formats and a
   resolver.
   Linked by scripts/lib/release, under names of their own. */

/* The text of an error in the user's language: no locale is ever set, so it is the text that is there. */
char *untranslated(const char *domain, const char *text, int category)
{
    (void)domain;
    (void)category;
    return (char *)text;
}

/* Reads nothing. Only pthread_getattr_np scans text, for the bounds of the main thread's stack in /proc/self/maps: it
   then says that it does not know them, and a stack that overflows ends the program without a word of why. */
int scans_nothing(void)
{
    return 0;
}

/* Frees at the end of a thread what its resolver holds: no thread looks a name up through the C library. */
void frees_nothing(void)
{
}
