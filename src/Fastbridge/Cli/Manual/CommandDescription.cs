using System.CommandLine;
using System.CommandLine.Completions;

namespace Fastbridge.Cli.Manual;

/// <summary>One command as completion, man page and docs/COMMANDS.md see it: all are made from the tree that parses, so none can be out of date.</summary>
internal sealed class CommandDescription
{
    private CommandDescription(Command command, string path)
    {
        Command = command;
        Path = path;
    }

    public Command Command { get; }

    /// <summary>From the program's name: <c>fastbridge mqtt publish</c>.</summary>
    public string Path { get; }

    /// <summary>Its own options and those of the commands above that hold for it too, without help and version.</summary>
    public List<Option> Options { get; } = [];

    /// <summary>Commands that do something, or group others; the root first, each before what is below it.</summary>
    public static List<CommandDescription> Of(RootCommand root)
    {
        var all = new List<CommandDescription>();
        Add(root, "fastbridge", [], all);
        return all;
    }

    /// <summary>The option needs no value.</summary>
    public static bool IsFlag(Option option) => option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;

    /// <summary>The value is a file's name.</summary>
    public static bool IsFile(Option option) => option.HelpName == "FILE";

    /// <summary>The words that the value may be; empty where it is free.</summary>
    public static List<string> Choices(Option option)
    {
        var words = new List<string>();
        if (IsFlag(option))
            return words;
        foreach (CompletionItem item in option.GetCompletions(CompletionContext.Empty))
            words.Add(item.Label);
        return words;
    }

    /// <summary><c>--qos, -q QOS</c>.</summary>
    public static string Usage(Option option) => IsFlag(option) ? string.Join(", ", Names(option)) : $"{string.Join(", ", Names(option))} {option.HelpName ?? "VALUE"}";

    /// <summary>The long name first.</summary>
    public static List<string> Names(Option option)
    {
        var names = new List<string> { option.Name };
        foreach (string alias in option.Aliases)
        {
            if (!names.Contains(alias))
                names.Add(alias);
        }

        return names;
    }

    private static void Add(Command command, string path, List<Option> inherited, List<CommandDescription> all)
    {
        if (command.Hidden)
            return;
        var description = new CommandDescription(command, path);
        var below = new List<Option>(inherited);
        foreach (Option option in command.Options)
        {
            if (option.Hidden || option is System.CommandLine.Help.HelpOption or VersionOption)
                continue;
            description.Options.Add(option);
            if (option.Recursive)
                below.Add(option);
        }

        description.Options.AddRange(inherited);
        all.Add(description);
        foreach (Command child in command.Subcommands)
            Add(child, $"{path} {child.Name}", below, all);
    }
}
