namespace Fastbridge.Core.Config.Reading;

/// <summary>Finds the known name that a misspelt one was meant to be.</summary>
internal static class Nearest
{
    /// <summary>No name of ours is longer; comparing a name of a megabyte would only cost time.</summary>
    private const int LongestName = 64;

    /// <summary>Fewer letters begin too many names.</summary>
    private const int ShortestBeginning = 4;

    /// <summary>
    /// The candidate with the fewest edits (insert, delete, replace, swap of neighbours), where these are at most a third of the name (none in one or two letters); null when none is near.
    /// Else the first that begins with the name: <c>compression</c> is near <c>compression_type</c>. Case, <c>_</c>, <c>-</c> and <c>.</c> do not count:
    /// <c>clientId</c> is near <c>client_id</c>.
    /// </summary>
    public static string? Of(string name, IReadOnlyCollection<string> candidates)
    {
        if (name.Length > LongestName)
            return null;
        string wanted = Fold(name);
        (string? best, int bestEdits) = (null, (wanted.Length / 3) + 1);
        foreach (string candidate in candidates)
        {
            int edits = Edits(wanted, Fold(candidate));
            if (edits < bestEdits && edits < candidate.Length)
                (best, bestEdits) = (candidate, edits);
        }

        return best ?? (wanted.Length < ShortestBeginning ? null : candidates.FirstOrDefault(c => Fold(c).StartsWith(wanted, StringComparison.Ordinal)));
    }

    /// <summary>The optimal string alignment distance of two short texts.</summary>
    public static int Edits(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1];
        int[] last = [.. Enumerable.Range(0, b.Length + 1)];
        int[] row = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, last, row) = (last, row, beforeLast);
        }

        return last[b.Length];
    }

    private static string Fold(string name) =>
        string.Concat(name.Where(c => c is not ('_' or '-' or '.' or ' ')).Select(char.ToLowerInvariant));
}
