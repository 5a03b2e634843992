using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Reading;

/// <summary>A text of the file after <c>${env:}</c> and <c>${file:}</c>.</summary>
/// <param name="Value">What counts. Never to be shown where <paramref name="IsSecret"/>.</param>
/// <param name="IsSecret">Some of it came from a variable or a file, or its name says so.</param>
internal readonly record struct Resolved(string Value, bool IsSecret);

/// <summary>
/// Puts in what <c>${env:NAME}</c> and <c>${file:PATH}</c> stand for. Other <c>${…}</c> are templates' and stay; <c>$${env:</c> stands for the text
/// <c>${env:</c>. What was put in is not looked at again. A file is read once a load and loses one newline at its end, as an editor leaves it there.
/// </summary>
internal sealed class SecretResolver(LoadContext context)
{
    /// <summary>64 KB: a key or a certificate chain has a few.</summary>
    private const int MaxFileBytes = 64 * 1024;

    private readonly Dictionary<string, (string? Text, string? Fault)> _files = [];

    /// <summary>Full paths of the files that were looked for.</summary>
    public ImmutableArray<string> Files
    {
        get
        {
            ImmutableArray<string>.Builder files = ImmutableArray.CreateBuilder<string>();
            foreach (string name in _files.Keys)
            {
                if (name.Length > 0 && !name.Contains('\0', StringComparison.Ordinal))
                    files.Add(context.PathBeside(name));
            }

            return files.ToImmutable();
        }
    }

    /// <summary>Resolves the text of <paramref name="node"/>; false where something is missing, which is then among the faults.</summary>
    /// <param name="template">A template is to be parsed: its own escape <c>$${</c> stays.</param>
    public bool TryResolve(Node node, bool template, out Resolved resolved)
    {
        string text = node.Value;
        bool secret = Shown.IsSecret(node);
        resolved = new Resolved(text, secret);
        int open = NextReference(text, 0);
        if (open < 0)
            return true;
        var result = new StringBuilder();
        int at = 0;
        bool complete = true;
        for (; open >= 0; open = NextReference(text, at))
        {
            if (open > 0 && text[open - 1] == '$')
            {
                result.Append(text, at, open - at - (template ? 0 : 1)).Append("${");
                at = open + 2;
                continue;
            }

            result.Append(text, at, open - at);
            int close = text.IndexOf('}', open);
            if (close < 0)
            {
                context.Fault(node, "a reference has no closing brace", "write ${env:NAME} or ${file:PATH}, or $${ for the text ${");
                return false;
            }

            secret = true;
            if (TryLookUp(text[(open + 2)..close], node, out string? value))
                result.Append(value);
            else
                complete = false;
            at = close + 1;
        }

        result.Append(text, at, text.Length - at);
        resolved = new Resolved(result.ToString(), secret);
        return complete;
    }

    /// <summary>The text is one reference and nothing else.</summary>
    public static bool IsReference(string text) =>
        NextReference(text, 0) == 0 && text.IndexOf('}', StringComparison.Ordinal) == text.Length - 1;

    private static int NextReference(string text, int from)
    {
        int env = text.IndexOf("${env:", from, StringComparison.Ordinal);
        int file = text.IndexOf("${file:", from, StringComparison.Ordinal);
        return env < 0 ? file : file < 0 ? env : Math.Min(env, file);
    }

    private bool TryLookUp(string reference, Node node, [NotNullWhen(true)] out string? value)
    {
        string name = reference[(reference.IndexOf(':', StringComparison.Ordinal) + 1)..];
        string whole = Shown.Quote("${" + reference + "}");
        if (reference.StartsWith("env:", StringComparison.Ordinal))
        {
            value = name.Length == 0 || name.Contains('\0', StringComparison.Ordinal) || name.Contains('=', StringComparison.Ordinal)
                ? null
                : context.Environment.Variable(name);
            if (value is null && context.Environment.MissingSecretsAreWarnings)
                context.WarnWithoutValue(node, $"{whole}: there is no such environment variable here, so its value is not checked");
            else if (value is null)
                context.FaultWithoutValue(node, $"{whole}: there is no such environment variable", "set it for this process (a service has its own environment), or use ${file:PATH}");
            return value is not null;
        }

        if (!_files.TryGetValue(name, out (string? Text, string? Fault) read))
            _files[name] = read = ReadFile(name);
        if (read.Text is null && context.Environment.MissingSecretsAreWarnings && read.Fault!.StartsWith(FileBytes.NotAllowed, StringComparison.Ordinal))
            context.WarnWithoutValue(node, $"{whole}: {FileBytes.NotAllowed}, so its value is not checked");
        else if (read.Text is null)
            context.FaultWithoutValue(node, $"{whole}: {read.Fault}");
        value = read.Text;
        return value is not null;
    }

    private (string? Text, string? Fault) ReadFile(string name)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            return (null, "no file is named; write ${file:PATH}");
        if (FileBytes.Read(context.PathBeside(name), MaxFileBytes, out string? fault) is not { } bytes)
            return (null, fault);
        if (!Utf8.IsValid(bytes))
            return (null, "the file is not UTF-8; save it as UTF-8");
        string text = Encoding.UTF8.GetString(bytes);
        return (text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text, null);
    }
}
