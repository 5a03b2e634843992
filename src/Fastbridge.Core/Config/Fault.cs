using System.Text;

namespace Fastbridge.Core.Config;

/// <summary>One thing that is wrong in a connectors file: what, where and what to do. Prints as one line and never holds a secret.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Path">The place inside it, such as <c>connectors[2].topic_id</c>; empty for the file as a whole.</param>
/// <param name="Value">The offending value as the file has it (quoted when text, cut when long, <c>(hidden)</c> where it may be secret); null where it says nothing.</param>
/// <param name="Text">What is wrong with it.</param>
/// <param name="Remedy">What to write instead; null where <paramref name="Text"/> says it.</param>
public sealed record Fault(string File, string Path, string? Value, string Text, string? Remedy = null)
{
    /// <summary>Line in the file, from 1; 0 where the fault has no place in its text.</summary>
    public int Line { get; init; }

    /// <summary>Column in characters, from 1.</summary>
    public int Column { get; init; }

    /// <summary>The order in the file: byte offset, then the offset inside a <c>config</c> that is a JSON string.</summary>
    internal (int Outer, int Inner) Order { get; init; }

    /// <summary><c>FILE:LINE:COLUMN: PATH: VALUE: TEXT; REMEDY</c>, on one line.</summary>
    public override string ToString()
    {
        var line = new StringBuilder(Reading.Shown.OneLine(File));
        if (Line > 0)
            line.Append(':').Append(Line).Append(':').Append(Column);
        return line.Append(": ").Append(Describe(Path)).ToString();
    }

    /// <summary><c>PATH: VALUE: TEXT; REMEDY</c>, for a text that is not (yet) in a file and so has no lines.</summary>
    /// <param name="path">In place of <see cref="Path"/>, such as the same within its connector; empty for none.</param>
    internal string Describe(string path)
    {
        var line = new StringBuilder(path);
        if (Value is not null)
            line.Append(line.Length > 0 ? ": " : "").Append(Value);
        line.Append(line.Length > 0 ? ": " : "").Append(Text);
        if (Remedy is not null)
            line.Append("; ").Append(Remedy);
        return line.ToString();
    }
}
