using System.Text;

namespace Fastbridge.Tests.Core.Config.Store;

/// <summary>The lines by which two texts differ, line ends included: the longest common subsequence stays.</summary>
internal static class LineDiff
{
    public static string Of(string before, string after)
    {
        string[] old = Split(before);
        string[] changed = Split(after);
        int[,] common = new int[old.Length + 1, changed.Length + 1];
        for (int i = old.Length - 1; i >= 0; i--)
        {
            for (int j = changed.Length - 1; j >= 0; j--)
                common[i, j] = old[i] == changed[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var diff = new StringBuilder();
        for ((int i, int j) = (0, 0); i < old.Length || j < changed.Length;)
        {
            if (i < old.Length && j < changed.Length && old[i] == changed[j])
                (i, j) = (i + 1, j + 1);
            else if (j == changed.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]))
                diff.Append('-').Append(Shown(old[i++])).Append('\n');
            else
                diff.Append('+').Append(Shown(changed[j++])).Append('\n');
        }

        return diff.ToString();
    }

    private static string[] Split(string text) => [.. text.Split('\n').Select((line, i) => i == text.Count('\n') ? line + "␄" : line)];

    private static string Shown(string line) => line.Replace("\r", "␍", StringComparison.Ordinal).Replace("\t", "␉", StringComparison.Ordinal);
}
