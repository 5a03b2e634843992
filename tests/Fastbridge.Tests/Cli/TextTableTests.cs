using Fastbridge.Cli.Mqtt;

namespace Fastbridge.Tests.Cli;

/// <summary>Tables: whole in a pipe, cut to a terminal, and harmless to it.</summary>
public sealed class TextTableTests
{
    private static readonly string[] Head = ["name", "config"];

    [Fact]
    public void a_pipe_gets_every_value_whole() => Assert.Equal(
        """
        +------+----------+
        | name | config   |
        +------+----------+
        | 🌡   | 01234567 |
        | 表   | x        |
        +------+----------+

        """,
        TextTable.Render(Head, [["🌡", "01234567"], ["表", "x"]], 0, 1));

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    public void a_terminal_gets_lines_of_its_width(int width)
    {
        string table = TextTable.Render(Head, [["a connector's name", new string('c', 500)]], width, 1);
        Assert.All(table.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(width, line.Length));
        Assert.Contains("c…", table, StringComparison.Ordinal);
    }

    [Fact]
    public void control_characters_never_reach_the_terminal()
    {
        string table = TextTable.Render(Head, [["a\nb", "\u001b[31m\u009b"]], 0, 1);
        Assert.Contains("| a\\u000Ab | \\u001B[31m\\u009B |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void no_rows_are_a_head_alone() => Assert.Equal("+------+--------+\n| name | config |\n+------+--------+\n", TextTable.Render(Head, [], 0, 1));
}
